// Nothing is lost or doubled, whatever happens to the page, the line or the engine.
import { expect, test } from "../world/fixtures";

test("a reload in the middle: drafts, files and windows are where they were", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  const joao = await desk.visitor("João");
  await marina.say("Olá");
  await joao.say("Oi");
  const ana = await agent("ana");
  await expect(ana.windows).toHaveCount(2);
  await ana.window("João").say("Um instante");
  await joao.hears("Um instante");
  await ana.window("João").field.fill("rascunho para João");
  await ana.window("Marina").field.fill("rascunho para Marina");
  await ana.window("Marina").attach({ name: "nota.txt", mimeType: "text/plain", buffer: Buffer.from("olá") });
  await expect(ana.window("Marina").files).toContainText(["4 bytes"]);
  await ana.page.reload();
  await expect(ana.windows.getByRole("heading")).toHaveText(["Marina", "João"]);
  await expect(ana.window("Marina").field).toHaveValue("rascunho para Marina");
  await expect(ana.window("João").field).toHaveValue("rascunho para João");
  await expect(ana.window("Marina").files).toContainText(["nota.txt"]);
  await expect(ana.page.locator("section.window.active")).toHaveAccessibleName(/Marina/u);
  await ana.window("Marina").field.press("Enter");
  await marina.hears("rascunho para Marina");
  expect((await marina.messages()).at(-1)?.attachments?.map((it) => it.name)).toEqual(["nota.txt"]);
});

test("messages sent in the very moment of a reload arrive once", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Olá");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  const texts = Array.from({ length: 10 }, (_, at) => `resposta ${at + 1}`);
  for (const text of texts) {
    await window.field.fill(text);
    await window.field.press("Enter");
    await ana.page.reload();
  }
  await marina.hears(...texts);
  await expect(window.answered.locator(".text")).toHaveText(texts);
});

test("the line is cut: both sides go on writing, and have everything when it is back", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("antes");
  const line = await desk.line();
  const ana = await agent("ana", { address: line.address });
  const window = ana.window("Marina");
  await window.say("resposta antes");
  await marina.hears("resposta antes");

  line.cut();
  await expect(ana.page.getByText("Conexão perdida")).toBeVisible();
  await marina.say("durante 1");
  for (const text of ["escrito sem linha 1", "escrito sem linha 2"]) await window.say(text);
  await expect(window.root.getByText("aguardando a conexão").last()).toBeVisible();
  await marina.say("durante 2");
  expect(await marina.heard()).toEqual(["resposta antes"]);

  line.mend();
  await marina.hears("resposta antes", "escrito sem linha 1", "escrito sem linha 2");
  await expect(window.said.locator(".text")).toHaveText(["antes", "durante 1", "durante 2"]);
  await expect(window.answered.locator(".text")).toHaveText(["resposta antes", "escrito sem linha 1", "escrito sem linha 2"]);
  await expect(ana.page.getByText("Conexão perdida")).toHaveCount(0);
});

test("the network goes away without a word: it is noticed soon, and nothing is lost", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("antes");
  const line = await desk.line();
  const ana = await agent("ana", { address: line.address });
  const window = ana.window("Marina");
  await expect(window.said).toHaveCount(1);
  line.silence();
  await ana.page.context().setOffline(true);
  await window.say("sem rede");
  await marina.say("durante");
  await expect(ana.page.getByText("Conexão perdida")).toBeVisible();
  expect(await marina.heard()).toEqual([]);
  line.mend();
  await ana.page.context().setOffline(false);
  await marina.hears("sem rede");
  await expect(window.said.locator(".text")).toHaveText(["antes", "durante"]);
  await expect(window.answered.locator(".text")).toHaveText(["sem rede"]);
});

test("the engine is killed and starts again on the same folder", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  const joao = await desk.visitor("João");
  await marina.say("antes de Marina");
  await joao.say("antes de João");
  const ana = await agent("ana");
  await ana.window("Marina").say("resposta antes");
  await marina.hears("resposta antes");

  // Not everything may be on its way back to the agent when it dies.
  const sending = ana.window("João").say("no último momento");
  await desk.process.kill();
  await sending;
  await expect(ana.page.getByText("Conexão perdida")).toBeVisible();
  await ana.window("Marina").say("enquanto estava fora");
  await ana.window("Marina").field.fill("ainda não enviado");

  await desk.process.again();
  await marina.say("depois de Marina");
  await marina.hears("resposta antes", "enquanto estava fora");
  await joao.hears("no último momento");
  await expect(ana.windows.getByRole("heading")).toHaveText(["Marina", "João"]);
  await expect(ana.window("Marina").said.locator(".text")).toHaveText(["antes de Marina", "depois de Marina"]);
  await expect(ana.window("Marina").answered.locator(".text")).toHaveText(["resposta antes", "enquanto estava fora"]);
  await expect(ana.window("João").answered.locator(".text")).toHaveText(["no último momento"]);
  await expect(ana.window("Marina").field).toHaveValue("ainda não enviado");
});

test("two tabs of one agent agree", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Olá");
  const one = await agent("ana");
  await expect(one.window("Marina").said).toHaveCount(1);
  const other = await agent("ana", { beside: one });
  await expect(other.window("Marina").said).toHaveCount(1);

  await one.window("Marina").say("da primeira");
  await expect(other.window("Marina").answered.locator(".text")).toHaveText(["da primeira"]);
  await other.window("Marina").say("da segunda");
  await expect(one.window("Marina").answered.locator(".text")).toHaveText(["da primeira", "da segunda"]);
  await marina.hears("da primeira", "da segunda");

  await one.window("Marina").field.fill("um rascunho");
  await expect(other.window("Marina").field).toHaveValue("um rascunho");
  await other.window("Marina").field.fill("");
  await expect(one.window("Marina").field).toHaveValue("");

  await other.window("Marina").button("Finalizar").click();
  await other.choice("Classificar em outro momento").click();
  for (const tab of [one, other]) {
    await expect(tab.windows).toHaveCount(0);
    await expect(tab.list("A classificar").getByRole("button", { name: /Marina/u })).toBeVisible();
  }

  // Whoever logs out in one tab is logged out in the other.
  await other.openMenu();
  await other.page.getByRole("button", { name: "Sair" }).click();
  for (const tab of [one, other]) await expect(tab.page.getByLabel("Usuário")).toBeVisible();
});
