// One screen: kept as a picture, and looked at by axe.
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { screenshots } from "./machine";

const GRAVE = ["serious", "critical"];

/** Nothing on it may be a serious hindrance to anybody. The picture is `target/screenshots/NAME.png`. */
export async function screen(page: Page, name: string): Promise<void> {
  await test.step(`screen: ${name}`, async () => {
    await page.screenshot({ path: join(screenshots, `${name}.png`), animations: "disabled", caret: "initial" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter((it) => GRAVE.includes(it.impact ?? ""));
    const told = grave.flatMap((it) => it.nodes.map((node) => `${it.id} (${it.impact}): ${node.target.join(" ")}: ${node.failureSummary}`));
    expect(told, `what axe found on ${name}`).toEqual([]);
  });
}
