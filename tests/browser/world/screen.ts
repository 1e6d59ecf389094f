// One screen: kept as a picture, and looked at by axe.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { pictures, screenshots } from "./machine";

const GRAVE = ["serious", "critical"];

/** Nothing on it may be a serious hindrance to anybody. The picture is `target/screenshots/NAME.png`, and where asked for `NAME.webp` for the guides. */
export async function screen(page: Page, name: string): Promise<void> {
  await test.step(`screen: ${name}`, async () => {
    const taken = await page.screenshot({ path: join(screenshots, `${name}.png`), animations: "disabled", caret: "initial" });
    if (pictures) writeFileSync(join(pictures, `${name}.webp`), await small(page.context().browser()!, taken));
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter((it) => GRAVE.includes(it.impact ?? ""));
    const told = grave.flatMap((it) => it.nodes.map((node) => `${it.id} (${it.impact}): ${node.target.join(" ")}: ${node.failureSummary}`));
    expect(told, `what axe found on ${name}`).toEqual([]);
  });
}

/** A fifth of the bytes, by the browser's own encoder, on a page without a policy. */
async function small(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const encoded = await page.evaluate(async (bytes) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${bytes}`)).blob());
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d")!.drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", 0.8).split(",")[1]!;
  }, png.toString("base64"));
  await page.close();
  return Buffer.from(encoded, "base64");
}
