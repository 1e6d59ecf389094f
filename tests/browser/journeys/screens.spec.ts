// Every screen in both themes: a picture of it, and nothing that axe finds serious.
import type { Conversation } from "../world/api";
import type { Agent } from "../world/agent";
import type { Desk } from "../world/desk";
import { expect, test } from "../world/fixtures";
import { contract, disguised, photo } from "../world/samples";
import { screen } from "../world/screen";

for (const theme of ["light", "dark"] as const) {
  test(`the console, ${theme}`, async ({ desk, agent }) => {
    const line = await desk.line();
    const ana = await agent("ana", { theme, offline: true, address: line.address });
    const { page } = ana;
    const look = (name: string) => screen(page, `console-${name}-${theme}`);
    await look("offline");
    await peopled(desk);
    await ana.connect();
    await expect(ana.window("Marina").replies.first()).toBeVisible();
    await look("answers");
    await busy(ana);
    await ana.view("Colunas").click();
    await look("columns");
    await ana.view("Janelas").click();
    await look("windows");

    await inDialog(ana, "Alt+f", "finish", look);
    await ana.window("Marina").field.press("Alt+t");
    await expect(ana.dialog.getByRole("radio").first()).toBeVisible();
    await look("transfer");
    await page.keyboard.press("Escape");
    await inDialog(ana, "Alt+i", "person", look);
    await ana.window("Marina").field.press("Alt+c");
    await expect(ana.dialog.getByRole("option").first()).toBeVisible();
    await look("classify");
    await ana.dialog.getByRole("combobox").fill("bol");
    await look("classify-search");
    // The first empties the search, the second closes.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(ana.dialog).toHaveCount(0);

    const marina = ana.window("Marina");
    await marina.button("Emojis").click();
    await expect(page.getByRole("dialog", { name: "Emojis" }).getByRole("button", { name: /sorridente/u }).first()).toBeVisible();
    await look("emoji");
    await page.keyboard.press("Escape");
    await marina.field.fill("/");
    await expect(page.getByRole("option").first()).toBeVisible();
    await look("replies");
    await marina.field.fill("");

    await ana.presence.click();
    await look("presence");
    await page.keyboard.press("Escape");
    await ana.openMenu();
    await look("menu");
    await page.getByRole("button", { name: "Trocar senha" }).click();
    await expect(ana.dialog.getByLabel("Senha atual")).toBeFocused();
    await look("password");
    await page.keyboard.press("Escape");
    await page.locator("body").press("?");
    await expect(ana.dialog).toBeVisible();
    await look("keys");
    await page.keyboard.press("Escape");

    await ana.window("Marina").field.press("Alt+b");
    await ana.dialog.getByRole("searchbox").fill("senha");
    await expect(ana.dialog.getByRole("listitem")).toHaveCount(1);
    await look("search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(ana.dialog).toHaveCount(0);

    await ana.list("Na fila · Suporte").getByRole("button", { name: /Rita/u }).click();
    await expect(ana.dialog).toContainText("Tem alguém aí?");
    await look("reader");
    await page.keyboard.press("Escape");
    await ana.window("Pedro").button("Finalizar").click();
    await ana.choice("Classificar em outro momento").click();
    await expect(ana.list("A classificar")).toBeVisible();
    await expect(ana.window("Rita").root).toBeVisible();
    await look("undo");

    line.cut();
    await expect(page.getByText("Conexão perdida")).toBeVisible();
    await ana.window("Marina").say("Já volto");
    await look("line-lost");
    line.mend();
    await expect(page.getByText("Conexão perdida")).toHaveCount(0);

    await ana.openMenu();
    await page.getByRole("button", { name: "Sair" }).click();
    await expect(page.getByLabel("Usuário")).toBeVisible();
    await page.getByLabel("Usuário").fill("ana");
    await page.getByLabel("Senha").fill("outra");
    await page.getByRole("button", { name: "Entrar" }).click();
    await expect(page.getByRole("alert")).toHaveText("Usuário e senha não conferem.");
    await look("login");
  });

  test(`the pages of supervisors and admins, ${theme}`, async ({ desk, agent }) => {
    const ana = await desk.onDuty("ana");
    await peopled(desk);
    const admin = await agent("admin", { theme, offline: true });
    const { page } = admin;
    const look = (name: string) => screen(page, `console-${name}-${theme}`);
    await admin.turnTo("Ao vivo");
    await admin.card("Em andamento").getByRole("button", { name: /Marina/u }).click();
    await page.getByRole("button", { name: "Por que este atendente?" }).click();
    await expect(page.getByRole("complementary").getByRole("listitem").first()).toBeVisible();
    await look("live");

    const [closed] = (await ana.call<{ conversations: Conversation[] }>("GET", "/conversations?scope=mine")).conversations;
    await ana.call("POST", `/conversations/${closed!.id}/close`, { classify: { node: "cobranca.boleto.vencido" } });
    await admin.turnTo("Indicadores");
    await page.getByRole("button", { name: "7 dias" }).click();
    await admin.card("Finalizados por classificação").getByRole("button", { name: "Cobrança" }).click();
    await admin.card("Contatos por dia").getByText("Em tabela").click();
    await look("insights");

    await admin.turnTo("Regras");
    await page.getByRole("link", { name: "plugins/emoji.toml" }).click();
    desk.rules.replace("plugins/emoji.toml", '[consumer]\ndeny = ["🖕"]', '[consumer]\ndeny = ["🖕", ":pooh:"]');
    await expect(page.getByRole("region", { name: /^Conteúdo de/u }).locator("mark")).toBeVisible();
    await look("rules-wrong");
    desk.rules.replace("plugins/emoji.toml", '":pooh:"', '":poop:"');
    await expect(page.getByRole("main").getByRole("status")).toHaveText("O que está no disco está em vigor.");
    await admin.card("Histórico").getByRole("button", { name: /^Mudanças/u }).first().click();
    await expect(page.getByRole("region", { name: "Mudanças" }).locator(".in")).toContainText(":poop:");
    await look("rules-changes");
    await admin.card("Histórico").getByRole("button", { name: /^Pôr em vigor/u }).first().click();
    await look("rules-roll-back");
    await page.keyboard.press("Escape");

    await admin.turnTo("Plugins");
    await expect(admin.card("keywords").getByRole("row", { name: /^Classificação/u })).toContainText("funcionando");
    await look("plugins");
  });

  test(`the widget, ${theme}`, async ({ agent, shopper }) => {
    const maria = await shopper({}, theme);
    const look = (name: string) => screen(maria.page, `widget-${name}-${theme}`);
    await look("closed");
    await maria.launcher.click();
    await look("start");
    await maria.panel.getByRole("textbox", { name: "Seu nome" }).fill("Maria");
    await maria.button("Iniciar conversa").click();
    await expect(maria.button("Comprar ou mudar de plano")).toBeVisible();
    await look("menu");
    await maria.button("Pedido, conta ou ajuda técnica").click();
    await expect(maria.panel).toContainText("Você é o próximo da fila");
    await look("queue");
    const ana = await agent("ana");
    await ana.window("Maria").say("Olá, Maria! Como posso ajudar?");
    await expect(maria.log).toContainText("Como posso ajudar?");
    await maria.say("Meu aparelho mostra isto");
    await maria.attach(photo);
    await expect(maria.button("Remover comprovante.png")).toBeVisible();
    await maria.button("Enviar").click();
    await maria.attach(disguised);
    await expect(maria.log).toContainText("O arquivo é um programa.");
    await expect(maria.log.locator("canvas")).toHaveAttribute("height", "138");
    await look("chat");
    await maria.button("Encerrar conversa").click();
    await look("end-asked");
    await maria.button("Continuar").click();
    await ana.window("Maria").button("Finalizar").click();
    await ana.choice("Classificar em outro momento").click();
    await maria.panel.getByRole("radio", { name: "5 de 5" }).check();
    await look("rating");
  });
}

/** Five people with what people bring. */
async function peopled(desk: Desk): Promise<void> {
  const marina = await desk.visitor("Marina", { email: "marina@exemplo.com", facts: { plano: "ouro" } });
  await marina.say("Bom dia! Não recebi o boleto deste mês 😕");
  await marina.say("preciso da segunda via, vence hoje");
  const joao = await desk.visitor("João");
  await joao.say("Paguei ontem e ainda aparece em aberto");
  await joao.sendFile(photo, "segue o comprovante");
  const lucia = await desk.visitor("Lúcia");
  await lucia.say("Esqueci a minha senha e agora a conta foi bloqueada, não consigo entrar");
  const pedro = await desk.visitor("Pedro");
  await pedro.say("Meu pedido está atrasado, cadê a entrega?");
  const rita = await desk.visitor("Rita");
  await rita.say("Tem alguém aí?");
}

/** An agent in the middle of it: answered, noted, attached, refused. */
async function busy(ana: Agent): Promise<void> {
  await expect(ana.windows).toHaveCount(4);
  await ana.window("Marina").say("Bom dia, Marina! Já envio o boleto.");
  await ana.window("Marina").attach(contract);
  await expect(ana.window("Marina").files).toContainText(["68 bytes"]);
  await ana.window("João").say("Obrigada, João. Vou conferir com o financeiro.");
  await ana.window("João").attach(disguised);
  await expect(ana.window("João").refused).toBeVisible();
  const lucia = ana.window("Lúcia");
  await lucia.suggestions.first().click();
  await expect(lucia.chosen).toBeVisible();
  await lucia.button("Nota privada").click();
  await lucia.field.fill("já trocou a senha uma vez hoje");
  await lucia.button("Anotar").click();
  await expect(lucia.notes).toBeVisible();
  await ana.window("Marina").field.click();
}

async function inDialog(ana: Agent, key: string, name: string, look: (name: string) => Promise<void>): Promise<void> {
  await ana.window("Marina").field.press(key);
  await expect(ana.dialog).toBeVisible();
  await look(name);
  await ana.page.keyboard.press("Escape");
  await expect(ana.dialog).toHaveCount(0);
}
