import { expect, test } from "../world/fixtures";

test("finish: classify another time", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Obrigada pela ajuda");
  const ana = await agent("ana");
  await ana.window("Marina").button("Finalizar").click();
  await expect(ana.dialog).toContainText("Ele ainda não foi classificado.");
  await ana.choice("Classificar em outro momento").click();
  await expect(ana.windows).toHaveCount(0);
  await marina.isIn("closed");
  expect((await marina.conversation()).closed?.by).toBe("agent");

  await test.step("it stands in the list until it is classified", async () => {
    await ana.list("A classificar").getByRole("button", { name: /Marina/u }).click();
    await ana.dialog.getByRole("combobox").fill("elogio");
    await ana.page.keyboard.press("Enter");
    await expect(ana.dialog).toHaveCount(0);
    await expect(ana.list("A classificar")).toHaveCount(0);
    const account = await desk.account("ana");
    expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "final", node: "elogio" });
  });
});

test("finish: cancel, by button and by key", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Olá");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await window.field.fill("meio escrito");
  await window.button("Finalizar").click();
  await ana.choice("Cancelar").click();
  await expect(ana.dialog).toHaveCount(0);
  await expect(window.button("Finalizar")).toBeFocused();
  await window.field.press("Alt+f");
  await expect(ana.dialog).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await expect(ana.dialog).toHaveCount(0);
  await expect(window.field).toBeFocused();
  await expect(window.field).toHaveValue("meio escrito");
  expect((await marina.conversation()).state).toBe("active");
});

test("finish: now, and take it back", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Preciso da segunda via do boleto");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await window.say("Aqui está");
  await window.button("Finalizar").click();
  await ana.choice("Finalizar").click();
  await expect(window.root).toHaveCount(0);
  await marina.isIn("closed");

  await ana.notices.getByRole("button", { name: /Desfazer/u }).click();
  await expect(window.answered).toContainText(["Aqui está"]);
  await expect(window.root).toContainText("Finalização desfeita");
  await marina.isIn("active");
  await window.say("Mais alguma coisa?");
  await marina.hears("Aqui está", "Mais alguma coisa?");
});

test("finish: with the classification chosen in the reminder", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Preciso da segunda via do boleto");
  const ana = await agent("ana");
  await expect(ana.window("Marina").suggestions.first()).toContainText("Segunda via");
  await ana.window("Marina").button("Finalizar").click();
  await ana.dialog.getByRole("radio", { name: /Segunda via/u }).check();
  await ana.choice("Finalizar").click();
  await expect(ana.windows).toHaveCount(0);
  const account = await desk.account("ana");
  expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "final", node: "cobranca.boleto.segunda-via" });
  await expect(ana.list("A classificar")).toHaveCount(0);
});
