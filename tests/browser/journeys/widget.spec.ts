// A consumer on somebody's site, which is another origin than the desk, and an agent before the console.
import { expect, test } from "../world/fixtures";
import { contract, disguised } from "../world/samples";

test("from the bot's menu to the rating", async ({ desk, agent, shopper }) => {
  const maria = await shopper();
  await maria.launcher.click();
  await maria.panel.getByRole("textbox", { name: "Seu nome" }).fill("Maria");
  await maria.button("Iniciar conversa").click();

  await test.step("the bot asks, and a choice leads into a queue", async () => {
    await expect(maria.log).toContainText("Olá! Que bom ter você aqui.");
    await maria.button("Pedido, conta ou ajuda técnica").click();
    await expect(maria.own).toContainText(["Pedido, conta ou ajuda técnica"]);
    await expect(maria.panel).toContainText("Você é o próximo da fila");
    await maria.say("Esqueci a minha senha");
    await expect(maria.own.last()).toContainText("Enviada");
  });

  const ana = await agent("ana");
  const window = ana.window("Maria");
  await test.step("messages go both ways, with what became of them", async () => {
    // The agent reads what stood on the button, not what it stands for.
    await expect(window.said.locator(".text")).toHaveText(["Pedido, conta ou ajuda técnica", "Esqueci a minha senha"]);
    await expect(maria.panel.getByRole("heading", { name: "Ana" })).toBeVisible();
    await expect(maria.log).toContainText("Ana entrou na conversa");
    await window.say("Olá, Maria! Já ajudo.");
    await expect(maria.log).toContainText("Olá, Maria! Já ajudo.");
    await expect(window.answered.last()).toContainText("lida");
    await maria.field.pressSequentially("Obri");
    await expect(window.root).toContainText("Maria está digitando");
    await maria.say("Obrigada");
    await expect(window.said.last()).toContainText("Obrigada");
  });

  await test.step("a file that is allowed arrives, one that is not says why", async () => {
    await maria.attach(contract);
    await expect(maria.button("Remover contrato.pdf")).toBeVisible();
    await maria.button("Enviar").click();
    await expect(window.said.last()).toContainText("contrato.pdf");
    await maria.attach(disguised);
    await expect(maria.log).toContainText("O arquivo é um programa.");
  });

  await test.step("a reload loses nothing", async () => {
    await maria.field.fill("meio escrito");
    await maria.page.reload();
    await expect(maria.log).toContainText("Olá, Maria! Já ajudo.");
    await expect(maria.log.getByText("Esqueci a minha senha")).toHaveCount(1);
    await expect(maria.field).toHaveValue("meio escrito");
    await maria.field.press("Enter");
    await expect(window.said.last()).toContainText("meio escrito");
  });

  await test.step("at the end it is rated", async () => {
    await window.button("Finalizar").click();
    await ana.choice("Classificar em outro momento").click();
    await expect(maria.panel).toContainText("A conversa foi encerrada");
    await maria.panel.getByRole("radio", { name: "4 de 5" }).check();
    await maria.panel.getByRole("textbox", { name: /Quer contar mais/u }).fill("Rápido e gentil");
    await maria.button("Enviar avaliação").click();
    await expect(maria.log).toContainText("4 de 5");
    const account = await desk.account("ana");
    const { conversations } = await account.call<{ conversations: { id: string }[] }>("GET", "/conversations?scope=closed_today");
    const events = await account.call("GET", `/conversations/${conversations[0]!.id}/events`);
    expect(JSON.stringify(events)).toContain("Rápido e gentil");
  });
});

test("the line is cut while the consumer writes", async ({ desk, agent, shopper }) => {
  const line = await desk.line();
  const maria = await shopper({ desk: line.address, name: "Maria", department: "suporte" });
  await maria.launcher.click();
  await maria.button("Iniciar conversa").click();
  await maria.say("antes");
  const ana = await agent("ana");
  const window = ana.window("Maria");
  await expect(window.said).toHaveCount(1);
  line.cut();
  await maria.say("durante 1");
  await maria.say("durante 2");
  await window.say("você está aí?");
  await expect(maria.panel).toContainText("Conexão perdida");
  await expect(maria.own.last()).toContainText("quando a conexão voltar");
  line.mend();
  await expect(window.said.locator(".text")).toHaveText(["antes", "durante 1", "durante 2"]);
  await expect(maria.log.getByText("você está aí?")).toHaveCount(1);
  await expect(maria.own.locator(".text")).toHaveText(["antes", "durante 1", "durante 2"]);
});

test("a site that the rules do not name gets nothing", async ({ desk, fresh }) => {
  const page = await fresh();
  // The same page under another name of the same machine: another origin.
  await page.goto(desk.site.address.replace("localhost", "127.0.0.1").concat("/?name=Maria"));
  await page.locator("dialogo-chat .launcher").click();
  await page.getByRole("button", { name: "Iniciar conversa" }).click();
  await expect(page.getByRole("dialog").getByRole("alert").filter({ hasText: /./u })).toBeVisible();
  const admin = await desk.account("admin");
  const { conversations } = await admin.call<{ conversations: unknown[] }>("GET", "/conversations?scope=all");
  expect(conversations).toEqual([]);
});
