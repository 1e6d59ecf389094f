import { expect, test } from "../world/fixtures";
import type { Agent } from "../world/agent";

test.use({
  rules: {
    edit: (rules) =>
      rules.replace(
        "plugins/transfer.toml",
        '[[rule]]\nname = "billing only',
        '[[rule]]\nname = "not with a debt"\nwhen = { to = "vendas", facts = { debt = true } }\nthen = { deny = { pt = "Há uma conta em aberto.", en = "There is an open bill.", es = "Hay una cuenta abierta." } }\n\n[[rule]]\nname = "billing only',
      ),
  },
});

test("who waits and who works; a conversation is watched, passed on and taken over", async ({ desk, agent }) => {
  const ana = await desk.onDuty("ana");
  const bruno = await desk.account("bruno");
  await bruno.call("PUT", "/agents/bruno/presence", { presence: "busy", reason: "Almoço" });
  const marina = await desk.visitor("Marina", { facts: { debt: "true" } });
  await marina.say("Quero mudar de plano");
  await marina.isIn("active");
  const pedro = await desk.visitor("Pedro");
  await pedro.isIn("active");
  const joao = await desk.visitor("João", { department: "vendas" });
  await joao.say("Quanto custa?");
  const sofia = await agent("sofia", { offline: true });
  await sofia.turnTo("Ao vivo");
  const { page } = sofia;
  const queue = (department: string) => sofia.card("Na fila").getByRole("row", { name: new RegExp(`^${department}`, "u") });

  await test.step("queues by department, with the longest wait", async () => {
    const [count, longest] = [queue("Vendas").getByRole("cell").nth(0), queue("Vendas").getByRole("cell").nth(1)];
    await expect(count).toHaveText("1");
    await expect.poll(() => seconds(longest), "João has waited").toBeGreaterThanOrEqual(2);
    await desk.visitor("Rita", { department: "vendas" });
    await expect(count).toHaveText("2");
    expect(await seconds(longest)).toBeGreaterThanOrEqual(2);
    await expect(queue("Vendas").getByRole("button")).toHaveText(["João", "Rita"]);
    await expect(queue("Ouvidoria").getByRole("cell")).toHaveText(["ninguém", "–"]);
  });

  await test.step("agents with state, load and what they have", async () => {
    const team = (name: string) => sofia.card("Atendentes").getByRole("row", { name: new RegExp(`^${name}`, "u") });
    await expect(team("Ana").getByRole("cell")).toHaveText(["Conectado", "2 de 4", "MarinaPedro"]);
    await expect(team("Bruno").getByRole("cell")).toHaveText([/Em pausa\s*Almoço/u, "0 de 4", ""]);
    await expect(team("Carla").getByRole("cell").first()).toHaveText("Desconectado");
  });

  const watch = page.getByRole("complementary", { name: "Atendimento de Marina" });
  await test.step("a conversation that runs is looked into, and goes on before one's eyes", async () => {
    const row = sofia.card("Em andamento").getByRole("row", { name: /Marina/u });
    await expect(row).toContainText("Ana");
    await row.getByRole("button").click();
    await expect(watch.getByRole("log")).toContainText("Quero mudar de plano");
    await expect(watch.getByRole("button", { name: "Enviar" })).toHaveCount(0);
    await marina.say("o maior de todos");
    await expect(watch.getByRole("log")).toContainText("o maior de todos");
    await ana.call("POST", `/conversations/${marina.id}/messages`, { id: crypto.randomUUID(), text: "Claro, um instante" });
    await expect(watch.getByRole("log")).toContainText("Claro, um instante");
    // Nobody came in between.
    expect((await marina.conversation()).agent?.name).toBe("Ana");
  });

  await test.step("why it is with Ana, in words", async () => {
    await watch.getByRole("button", { name: "Por que este atendente?" }).click();
    const why = watch.getByRole("status");
    await expect(why).toContainText(/Ana foi escolhido\(a\) às \d\d:\d\d/u);
    await expect(why).toContainText("porque ninguém mais estava livre.");
    await expect(why.getByRole("listitem")).toContainText(["Bruno está em pausa (Almoço)", "Carla está desconectado(a)"]);
  });

  await test.step("a transfer that is not allowed is refused with its reason, another goes through", async () => {
    await watch.getByRole("button", { name: "Transferir" }).click();
    await moveTo(sofia, "Vendas");
    await expect(sofia.dialog.getByRole("alert")).toHaveText("As regras de transferência não permitem. Há uma conta em aberto.");
    expect((await marina.conversation()).department).toBe("suporte");
    await moveTo(sofia, "Ouvidoria");
    await expect(sofia.dialog).toHaveCount(0);
    await expect(queue("Ouvidoria").getByRole("button")).toHaveText(["Marina"]);
    await expect(sofia.card("Em andamento").getByRole("row", { name: /Marina/u })).toHaveCount(0);
  });

  await test.step("one is taken out of another's hands", async () => {
    await sofia.card("Em andamento").getByRole("button", { name: /Pedro/u }).click();
    const take = page.getByRole("complementary", { name: "Atendimento de Pedro" }).getByRole("button", { name: "Assumir" });
    await take.click();
    await expect(sofia.notices).toContainText("O atendente não está conectado.");
    expect((await pedro.conversation()).agent?.name).toBe("Ana");
    await sofia.presence.click();
    await page.getByRole("button", { name: "Conectar", exact: true }).click();
    await expect(sofia.presence).toContainText("Conectado");
    await take.click();
    await expect(sofia.notices).toContainText("O atendimento de Pedro agora está com você.");
    await expect(sofia.card("Em andamento").getByRole("row", { name: /Pedro/u })).toContainText("Sofia");
    await sofia.notices.getByRole("button", { name: "Ir até ele" }).click();
    await sofia.window("Pedro").say("Oi, aqui é a Sofia");
    await pedro.hears("Oi, aqui é a Sofia");
  });
});

async function moveTo(agent: Agent, department: string): Promise<void> {
  await agent.dialog.getByRole("radio", { name: new RegExp(`^${department}`, "u") }).check();
  await agent.choice("Transferir").click();
}

/** A running time as it is shown, `1:05`, in seconds. */
async function seconds(shown: import("@playwright/test").Locator): Promise<number> {
  const [minutes, rest] = (await shown.innerText()).split(":").map(Number);
  return minutes! * 60 + rest!;
}
