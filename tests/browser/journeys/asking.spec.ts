import { expect, test } from "../world/fixtures";
import type { Agent } from "../world/agent";
import type { Desk } from "../world/desk";
import type { Visitor } from "../world/visitor";

/** A conversation that somebody has had and finished. */
async function finished(desk: Desk, login: string, name: string, text: string, node: string): Promise<Visitor> {
  const visitor = await desk.visitor(name);
  await visitor.say(text);
  await visitor.isIn("active");
  const person = await desk.account(login);
  await person.call("POST", `/conversations/${visitor.id}/close`, { classify: { node } });
  await visitor.isIn("closed");
  return visitor;
}

test("search finds what was said, the name and the classification, and opens it", async ({ desk, agent }) => {
  await desk.onDuty("ana");
  await finished(desk, "ana", "Conceição Alves", "Não recebi a Devolução do meu pedido", "pedido.troca");
  await finished(desk, "ana", "Pedro", "queria agradecer", "elogio");
  const ana = await agent("ana", { offline: true });
  await ana.page.keyboard.press("Alt+b");
  const field = ana.dialog.getByRole("searchbox");
  await expect(field).toBeFocused();
  await field.fill("DEVOLUCAO pedi");
  await expect(ana.dialog.getByRole("status")).toHaveText("1 atendimento encontrado.");
  await expect(ana.dialog.locator("mark")).toHaveText(["Devolução", "pedido"]);
  await field.fill("conceic");
  await expect(ana.dialog.getByRole("listitem")).toHaveCount(1);
  await field.fill("elogio");
  await expect(ana.dialog.getByRole("listitem")).toContainText(["Pedro"]);
  await field.fill("guindaste");
  await expect(ana.dialog.getByRole("status")).toHaveText("Nada encontrado");

  await field.fill("devolução");
  await ana.dialog.getByRole("button", { name: /Conceição Alves/u }).click();
  await expect(ana.dialog).toContainText("Não recebi a Devolução do meu pedido");
  await ana.page.keyboard.press("Escape");
  // Whoever comes back finds the search as it was.
  await ana.page.getByRole("button", { name: "Buscar atendimentos" }).click();
  await expect(field).toHaveValue("devolução");
  await expect(ana.dialog.getByRole("listitem")).toHaveCount(1);
});

test("the person's earlier conversations stand in the panel", async ({ desk, agent }) => {
  await desk.onDuty("ana");
  const marina = await desk.visitor("Marina");
  await marina.say("quero a segunda via");
  await marina.isIn("active");
  const account = await desk.account("ana");
  await account.call("POST", `/conversations/${marina.id}/close`, { classify: { node: "elogio" } });
  await marina.isIn("closed");
  await marina.say("voltei");
  const ana = await agent("ana", { offline: true });
  await ana.window("Marina").field.press("Alt+i");
  // The same conversation was reopened: it is no earlier one.
  await expect(ana.dialog).toContainText("Este é o primeiro atendimento.");
});

test.describe("offers that have to be accepted", () => {
  test.use({ rules: { edit: (rules) => rules.replace("desk.toml", 'offers = "immediate"', 'offers = { accept_within = "25 s" }') } });

  test("one is taken, one is passed on, one runs out", async ({ desk, agent }) => {
    const ana = await agent("ana");
    const marina = await desk.visitor("Marina");
    await marina.say("Bom dia, preciso de ajuda");
    const window = ana.window("Marina");
    await expect(window.root).toContainText("Este atendimento está sendo oferecido a você.");
    await expect(window.said).toContainText(["Bom dia, preciso de ajuda"]);
    await expect(window.field).toHaveCount(0);
    await window.button("Aceitar").click();
    await expect(window.field).toBeVisible();
    await window.say("Bom dia!");
    await marina.hears("Bom dia!");

    // Alone, whoever lets it pass is asked again, and told why.
    const rita = await desk.visitor("Rita");
    await rita.say("Olá");
    await ana.window("Rita").button("Deixar passar").click();
    await expect(ana.notices).toContainText("Ninguém mais pode receber Rita agora");
    await expect(ana.window("Rita").button("Aceitar")).toBeVisible();
    const bruno = await agent("bruno");
    await ana.window("Rita").button("Deixar passar").click();
    await expect(ana.window("Rita").root).toHaveCount(0);
    await bruno.window("Rita").button("Aceitar").click();
    await expect(bruno.window("Rita").said).toContainText(["Olá"]);
    await expect.poll(async () => (await rita.conversation()).agent?.name).toBe("Bruno");

    const joana = await desk.visitor("Joana");
    await joana.say("Alguém?");
    await expect.poll(async () => (await ana.windows.count()) + (await bruno.windows.count()), "an offer").toBe(3);
    // Nobody takes it: it goes on to the other.
    await joana.isIn("offered");
    const first = (await ana.windows.count()) === 2 ? ana : bruno;
    const other = first === ana ? bruno : ana;
    await expect(first.window("Joana").root, "the offer runs out").toHaveCount(0, { timeout: 40_000 });
    await expect(other.window("Joana").button("Aceitar")).toBeVisible();
  });
});

test.describe("a desk that wants every conversation classified", () => {
  test.use({ rules: { edit: (rules) => rules.replace("desk.toml", 'classification = "remind"', 'classification = "require"') } });

  test("finishing leads through the tree", async ({ desk, agent }) => {
    const marina = await desk.visitor("Marina");
    await marina.say("Obrigada por tudo");
    const ana = await agent("ana");
    await ana.window("Marina").button("Finalizar").click();
    await expect(ana.dialog).toContainText("Antes de finalizar é preciso classificar.");
    await expect(ana.choice("Classificar em outro momento")).toHaveCount(0);
    await ana.choice("Classificar…").click();
    await ana.dialog.getByRole("combobox").fill("elogio");
    await ana.page.keyboard.press("Enter");
    await marina.isIn("closed");
    await expect(ana.windows).toHaveCount(0);
    const account = await desk.account("ana");
    expect((await account.conversation(marina.id)).classification).toMatchObject({ state: "final", node: "elogio" });
  });
});

test.describe("what the rules say is what the console shows", () => {
  test.use({
    rules: {
      edit: (rules) => {
        rules.replace("desk.toml", 'undo = "10 s"', 'undo = "4 s"');
        rules.replace("desk.toml", "max_mb = 25", "max_mb = 1");
        rules.replace("desk.toml", "max_per_message = 10", "max_per_message = 2");
        rules.replace("desk.toml", '{ pt = "Almoço",      en = "Lunch",    es = "Almuerzo" }', '{ pt = "Ginástica", en = "Gymnastics", es = "Gimnasia" }');
      },
    },
  });

  test("undo, files, reasons to pause", async ({ desk, agent }) => {
    const marina = await desk.visitor("Marina");
    await marina.say("Oi");
    const ana = await agent("ana");
    const window = ana.window("Marina");
    await window.attach({ name: "filme.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(1_500_000) });
    await expect(ana.notices).toContainText("filme.mp4 tem 1,5 MB; o máximo é 1 MB");
    const note = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from("texto") });
    await window.attach(note("a.txt"), note("b.txt"), note("c.txt"));
    await expect(ana.notices).toContainText("No máximo 2 arquivos por mensagem");
    await expect(window.files).toHaveCount(2);

    await ana.presence.click();
    await ana.page.getByRole("button", { name: "Ginástica" }).click();
    await expect(ana.presence).toContainText("Ginástica");
    const account = await desk.account("ana");
    const { agents } = await account.call<{ agents: { id: string; reason?: string }[] }>("GET", "/agents");
    expect(agents.find((it) => it.id === "ana")?.reason).toBe("Ginástica");

    await window.button("Finalizar").click();
    await ana.choice("Classificar em outro momento").click();
    await expect(ana.notices.getByRole("button", { name: /Desfazer \([1-4]\)/u })).toBeVisible();
    await expect(ana.notices.getByRole("button", { name: /Desfazer/u })).toHaveCount(0);
    await ana.openMenu();
    await expect(ana.page.getByText("1 atendimento finalizado hoje")).toBeVisible();
  });
});

test("who waits is read in the queue, and taken from there", async ({ desk, agent }) => {
  const ana = await agent("ana");
  await ana.presence.click();
  await ana.page.getByRole("button", { name: "Intervalo" }).click();
  await expect(ana.presence).toContainText("Em pausa");
  const marina = await desk.visitor("Marina");
  await marina.say("minha fatura veio errada");
  const row = ana.list("Na fila · Suporte").getByRole("button", { name: /Marina/u });
  await expect(row).toContainText("minha fatura veio errada");
  await marina.say("tem alguém aí?");
  await expect(row).toContainText("tem alguém aí?");
  await row.click();
  await ana.choice("Assumir este atendimento").click();
  await expect(ana.window("Marina").said).toContainText(["minha fatura", "tem alguém"]);
});

test("a supervisor who writes in the same conversation is noticed; notes stay inside", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Oi");
  const ana = await agent("ana");
  const sofia = await desk.account("sofia");
  await sofia.call("POST", `/conversations/${marina.id}/typing`);
  await expect(ana.window("Marina").root).toContainText("Sofia também está digitando neste atendimento");

  const window = ana.window("Marina");
  await window.field.press("Alt+m");
  await window.field.fill("cliente nervosa");
  await window.field.press("Enter");
  await expect(window.notes).toContainText("cliente nervosa");
  await marina.hears();
  expect(JSON.stringify(await marina.messages())).not.toContain("nervosa");
});

test("a new password is the only one that opens", async ({ desk, agent }) => {
  const ana = await agent("ana", { offline: true });
  await change(ana, "outra senha qualquer", "uma senha nova e longa");
  await expect(ana.dialog.getByRole("alert")).toHaveText("A senha atual não confere.");
  await ana.page.keyboard.press("Escape");
  const { PASSWORD } = await import("../world/api");
  await change(ana, PASSWORD, "uma senha nova e longa");
  await expect(ana.notices).toContainText("Senha trocada.");
  await expect(desk.account("ana")).rejects.toThrow();
  await ana.page.reload();
  await expect(ana.presence).toBeVisible();
});

async function change(agent: Agent, current: string, fresh: string): Promise<void> {
  await agent.openMenu();
  await agent.page.getByRole("button", { name: "Trocar senha" }).click();
  await agent.dialog.getByLabel("Senha atual").fill(current);
  await agent.dialog.getByLabel("Nova senha", { exact: true }).fill(fresh);
  await agent.dialog.getByLabel("Nova senha outra vez").fill(fresh);
  await agent.choice("Trocar").click();
}

test("the widget: the place in the queue moves by itself", async ({ desk, shopper }) => {
  const before = await desk.visitor("Rita");
  const visitor = await shopper({ department: "suporte" });
  await visitor.launcher.click();
  await visitor.page.getByRole("button", { name: "Iniciar conversa" }).click();
  await expect(visitor.page.getByText("Você é o 2º da fila")).toBeVisible();
  await before.person.call("POST", `/conversations/${before.id}/close`, {});
  await expect(visitor.page.getByText("Você é o próximo da fila")).toBeVisible();
});
