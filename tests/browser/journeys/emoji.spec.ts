import { expect, test } from "../world/fixtures";

test("emoji are found by name, sent where allowed, taken out where not", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("oi 🍕🎉🖕");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  // Consumers may send nearly everything.
  await expect(window.said.first().locator(".text")).toHaveText("oi 🍕🎉");

  await window.field.fill("pronto ");
  await window.button("Emojis").click();
  const picker = ana.page.getByRole("dialog", { name: "Emojis" });
  await picker.getByPlaceholder("Buscar emoji").fill("polegar para cima");
  await expect(picker.getByRole("button", { name: /polegar para cima/u }).first()).toBeVisible();
  await ana.page.keyboard.press("Enter");
  await expect(window.field).toHaveValue(/^pronto 👍/u);
  const picked = await window.field.inputValue();
  await window.field.press("Enter");
  await marina.hears(picked);

  // Food is not for agents: it is taken out, and the agent is told.
  await window.say("bom apetite 🙂🍕");
  await marina.hears(picked, "bom apetite 🙂");
  await expect(window.answered.last().locator(".text")).toHaveText("bom apetite 🙂");
  await expect(ana.notices).toContainText("Uma política alterou sua mensagem.");
});
