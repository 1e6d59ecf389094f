// What hostile visitors write is shown, and does nothing.
import { expect, test } from "../world/fixtures";
import { Refusal } from "../world/api";

const MARKUP = `<img src=x onerror="document.title='stolen'"><script>document.title='stolen'</script><b>negrito</b>`;
const TURNED = "\u202Egpj.exe \u2066\u202Dabc";
const ZALGO = `Z${"\u0335\u0315\u0341".repeat(60)}a${"\u0336".repeat(200)}lgo`;
/** The most that one message may hold. */
const MOST_BYTES = 16 * 1024;

test("names and messages with markup, turned directions, piled marks and great length are harmless", async ({ desk, agent }) => {
  const evil = await desk.visitor(`<img src=x onerror="document.title='stolen'">${TURNED}`);
  const pile = await desk.visitor(`Z${"\u0335\u0315".repeat(40)}e`);
  const long = await desk.visitor("n".repeat(100));
  await evil.say(MARKUP);
  await evil.say(TURNED);
  await evil.say("javascript:alert(1) data:text/html,x https://exemplo.com/ok");
  await pile.say(ZALGO.repeat(20));
  await long.say("a".repeat(MOST_BYTES));
  await long.say(`${"👨‍👩‍👧‍👦".repeat(600)}`);
  const ana = await agent("ana");
  await expect(ana.windows).toHaveCount(3);
  const [first, second, third] = [0, 1, 2].map((at) => ana.windows.nth(at));

  await test.step("markup is text, and only web addresses are links", async () => {
    await expect(first!.locator("article .text").first()).toHaveText(MARKUP);
    await expect(ana.page.locator("main img, main script, main b:has-text('negrito'):not(.clip)")).toHaveCount(0);
    await expect(first!.locator("article a")).toHaveCount(1);
    await expect(first!.locator("article a")).toHaveAttribute("href", "https://exemplo.com/ok");
    await expect(first!.locator("article a")).toHaveAttribute("rel", /noopener/u);
    expect(await ana.page.title()).not.toContain("stolen");
  });

  await test.step("names turn nothing around", async () => {
    const heading = (await first!.getByRole("heading").textContent()) ?? "";
    expect(heading).toContain("<img src=x");
    expect(heading).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
    expect(await first!.locator("article .text").nth(1).evaluate((it) => getComputedStyle(it).unicodeBidi)).toBe("isolate");
  });

  await test.step("piled marks stay in their box", async () => {
    const text = (await second!.locator("article .text").first().textContent()) ?? "";
    expect(/\p{M}{5}/u.test(text)).toBe(false);
    expect(/\p{M}{5}/u.test((await second!.getByRole("heading").textContent()) ?? "")).toBe(false);
  });

  await test.step("a long text is folded and opens", async () => {
    const box = third!.locator("article").first();
    expect(((await box.locator(".text").textContent()) ?? "").length).toBeLessThan(2_000);
    await box.getByRole("button", { name: "Mostrar tudo" }).click();
    await expect(box.locator(".text")).toHaveText("a".repeat(MOST_BYTES));
    await box.getByRole("button", { name: "Mostrar menos" }).click();
  });

  await test.step("nothing is wider than its window", async () => {
    const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(wider).toBe(false);
    for (const window of [first!, second!, third!]) {
      const over = await window.locator(".log").evaluate((it) => it.scrollWidth > it.clientWidth);
      expect(over).toBe(false);
    }
  });
});

test("50,000 characters are too many: for the consumer as for the agent", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  const refusal = await marina.say("x".repeat(50_000)).catch((thrown: unknown) => thrown);
  expect((refusal as Refusal).body).toMatchObject({ code: "invalid" });
  await marina.say("Olá");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await expect(window.said).toHaveCount(1);
  await window.field.fill("y".repeat(50_000));
  await expect(window.root.getByRole("alert").filter({ hasText: "Longa demais" })).toBeVisible();
  await expect(window.button("Enviar")).toBeDisabled();
  await window.field.press("Enter");
  await window.say("Curta");
  await marina.hears("Curta");
});
