import { expect, test } from "../world/fixtures";

test("a suggestion is accepted while the conversation runs, and is final when it ends", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await expect(window.root).toContainText("Sem sugestão segura");
  await marina.say("Bom dia, esqueci a minha senha");
  const suggestion = window.suggestions.first();
  await expect(suggestion).toContainText("Senha");
  await expect(suggestion).toContainText("%");
  // Why it was suggested: the words that led to it.
  await expect(suggestion).toHaveAttribute("title", /por causa de: .*senha/u);
  await suggestion.click();
  await expect(window.chosen).toContainText("Senha");
  await expect(window.root).toContainText("rascunho, definitivo ao finalizar");
  const account = await desk.account("ana");
  expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "draft", node: "conta.acesso.senha" });

  await window.button("Finalizar").click();
  await expect(ana.dialog).toContainText("Ele será classificado como Senha.");
  await ana.choice("Finalizar").click();
  await expect(ana.windows).toHaveCount(0);
  expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "final", node: "conta.acesso.senha" });
});

test("a suggestion is accepted after the end, from the list", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Quanto custa o plano maior?");
  const ana = await agent("ana");
  await expect(ana.window("Marina").suggestions.first()).toContainText("Preço");
  await ana.window("Marina").button("Finalizar").click();
  await ana.choice("Classificar em outro momento").click();
  await ana.list("A classificar").getByRole("button", { name: /Marina/u }).click();
  await expect(ana.dialog).toContainText("Sugeridas");
  await ana.dialog.getByRole("option", { name: /Preço/u }).first().click();
  await expect(ana.dialog).toHaveCount(0);
  await expect(ana.list("A classificar")).toHaveCount(0);
  const account = await desk.account("ana");
  expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "final", node: "vendas.produto.preco" });
});

test("by keys alone: the suggestion with Alt A, another one from the tree", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("esqueci a minha senha");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await expect(window.suggestions.first()).toContainText("Senha");
  await window.field.press("Alt+a");
  await expect(window.chosen).toContainText("Senha");
  await window.field.press("Alt+c");
  await expect(ana.dialog.getByRole("combobox")).toBeFocused();
  await ana.page.keyboard.type("bloquead");
  await ana.page.keyboard.press("Enter");
  await expect(window.chosen).toContainText("Conta bloqueada");
  await expect(window.field).toBeFocused();
});
