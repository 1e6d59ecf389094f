import { expect, test } from "../world/fixtures";

test("a suggested reply is put into the text field by a key, changed and sent", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await expect(window.root).toBeVisible();
  await expect(window.replies).toHaveCount(0);
  await marina.say("Perdi o boleto de março");
  const reply = window.replies.first();
  await expect(reply).toContainText("Acabei de enviar a segunda via do boleto");
  // Why it was suggested: the words that led to it.
  await expect(reply).toHaveAttribute("title", /por causa de: .*boleto/u);

  await window.field.press("Alt+q");
  await expect(window.field).toHaveValue("Acabei de enviar a segunda via do boleto para o seu e-mail.");
  await expect(window.field).toBeFocused();
  await expect(window.replies).toHaveCount(0);
  expect(await marina.heard(), "nothing is sent by itself").toEqual([]);

  await ana.page.keyboard.type(" Chegou?");
  await ana.page.keyboard.press("Enter");
  await expect(window.answered).toContainText("e-mail. Chegou?");
  expect(await marina.heard()).toEqual(["Acabei de enviar a segunda via do boleto para o seu e-mail. Chegou?"]);
  await expect(window.replies).toHaveCount(0);
});

test("a suggested reply is filled in by a click, and gone as soon as the agent writes", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Que absurdo, essa demora!");
  // Who takes the conversation finds what could be answered.
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await expect(window.replies.first()).toContainText("Sentimos muito pelo transtorno, Marina.");
  await window.field.fill("Um momento");
  await expect(window.replies).toHaveCount(0);
  await window.field.fill("");
  await window.replies.first().click();
  await expect(window.field).toHaveValue("Sentimos muito pelo transtorno, Marina. Vamos resolver isso agora.");
  await expect(window.field).toBeFocused();
  expect(await marina.heard()).toEqual([]);
});
