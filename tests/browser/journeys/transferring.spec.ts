import { expect, test } from "../world/fixtures";
import type { Agent } from "../world/agent";

test("to a department: its agent gets history and note, the consumer a line", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Quero mudar de plano");
  const ana = await agent("ana");
  const davi = await agent("davi", { offline: true });
  await ana.window("Marina").say("Vou passar para vendas");
  await expect(ana.window("Marina").answered).toContainText(["Vou passar"]);
  await davi.connect();

  await ana.window("Marina").button("Transferir").click();
  await ana.dialog.getByRole("radio", { name: /Vendas/u }).check();
  await ana.dialog.getByLabel("Nota para quem recebe").fill("cliente desde 2019");
  await ana.choice("Transferir").click();
  await expect(ana.windows).toHaveCount(0);
  await expect(ana.notices).toContainText("Atendimento de Marina transferido");

  const window = davi.window("Marina");
  await expect(window.said).toContainText(["Quero mudar de plano"]);
  await expect(window.answered).toContainText(["Vou passar para vendas"]);
  await expect(window.notes).toContainText("cliente desde 2019");
  await window.say("Olá, aqui é o Davi");
  await marina.hears("Vou passar para vendas", "Olá, aqui é o Davi");
  expect(JSON.stringify(await marina.person.call("GET", `/conversations/${marina.id}/events`))).not.toContain("2019");
});

test("to a colleague, and back to the agent of first contact", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Meu pedido veio com defeito");
  const ana = await agent("ana");
  await ana.window("Marina").say("Vou chamar o Bruno");
  await expect(ana.window("Marina").answered).toHaveCount(1);
  const bruno = await agent("bruno");
  await ana.window("Marina").button("Transferir").click();
  await ana.choice("Atendente").click();
  await ana.dialog.getByRole("radio", { name: /Bruno/u }).check();
  await ana.choice("Transferir").click();
  await expect(ana.windows).toHaveCount(0);

  await bruno.window("Marina").say("Oi, é o Bruno");
  await bruno.window("Marina").button("Transferir").click();
  await bruno.choice("Primeiro contato").click();
  // Choosing whom is not doing it.
  await expect(bruno.dialog.getByRole("radio", { name: /^Ana/u })).toBeChecked();
  await bruno.choice("Transferir").click();
  await expect(bruno.windows).toHaveCount(0);
  await expect(ana.window("Marina").answered).toContainText(["Vou chamar o Bruno", "Oi, é o Bruno"]);
  await marina.hears("Vou chamar o Bruno", "Oi, é o Bruno");
});

test.describe("what is not possible is said with its reason", () => {
  test.use({
    rules: {
      edit: (rules) => {
        rules.append("desk.toml", '[[calendar]]\nid = "nunca"\nhours = [{ days = "mon-fri", from = "09:00", to = "18:00" }]\nclosed = [{ from = "2020-01-01", to = "2100-12-31", name = "fechado" }]');
        rules.append("departments.toml", '[[department]]\nid = "obras"\nname = { pt = "Obras", en = "Works", es = "Obras" }\nmembers = ["davi"]\nhours = "sempre"');
        rules.replace("departments.toml", 'members = ["elisa", "sofia"]\nhours = "sempre"', 'members = ["elisa", "sofia"]\nhours = "nunca"');
        rules.replace("departments.toml", 'may_transfer_to = "*"                      #', 'may_transfer_to = ["vendas", "ouvidoria"] #');
        rules.replace("desk.toml", "max_transfers = 5", "max_transfers = 1");
        rules.replace(
          "plugins/transfer.toml",
          '[[rule]]\nname = "billing only',
          '[[rule]]\nname = "not with a debt"\nwhen = { to = "vendas", facts = { debt = true } }\nthen = { deny = { pt = "Há uma conta em aberto.", en = "There is an open bill.", es = "Hay una cuenta abierta." } }\n\n[[rule]]\nname = "billing only',
        );
      },
    },
  });

  test("departments, colleagues, first contact, too many", async ({ desk, agent }) => {
    const marina = await desk.visitor("Marina", { facts: { debt: "true" } });
    await marina.say("Olá");
    const ana = await agent("ana");
    await ana.window("Marina").button("Transferir").click();

    await shut(ana, "Obras", "Seu departamento não pode transferir para esse.");
    await shut(ana, "Ouvidoria", "O departamento está fechado agora.");
    // What a plugin says is asked when it is tried.
    await ana.dialog.getByRole("radio", { name: /^Vendas/u }).check();
    await ana.choice("Transferir").click();
    await expect(ana.dialog.getByRole("alert")).toHaveText("As regras de transferência não permitem. Há uma conta em aberto.");
    // Where it is already, nobody is asked to send it.
    await expect(ana.dialog.getByRole("radio", { name: /^Suporte/u })).toHaveCount(0);
    await ana.choice("Primeiro contato").click();
    await expect(ana.dialog).toContainText("Quem atendeu primeiro foi você.");
    await expect(ana.choice("Transferir")).toBeDisabled();

    await ana.choice("Atendente").click();
    await shut(ana, "Bruno", "O atendente não está conectado.");
    // Who belongs to none of her departments is not offered at all.
    await desk.onDuty("elisa");
    await expect(ana.dialog.getByRole("radio", { name: /^Elisa/u })).toHaveCount(0);
    const carla = await desk.onDuty("carla");
    await carla.call("PUT", "/agents/carla/limit", { limit: 1 });
    const rita = await desk.visitor("Rita");
    await rita.say("Oi");
    await expect.poll(async () => (await rita.conversation()).agent?.name, "who has Rita").toBe("Carla");
    await shut(ana, "Carla", "O atendente já tem o máximo de atendimentos.");

    // What changes in the last moment is refused by the desk, and said.
    const bruno = await desk.onDuty("bruno");
    const target = ana.dialog.getByRole("radio", { name: /^Bruno/u });
    await target.check();
    await ana.page.route("**/targets", () => undefined);
    await bruno.call("PUT", "/agents/bruno/presence", { presence: "offline" });
    await ana.choice("Transferir").click();
    await expect(ana.dialog.getByRole("alert")).toHaveText("O atendente não está conectado.");
    await ana.page.unroute("**/targets");

    // After all this Marina is still with Ana, and can be passed on once.
    await bruno.call("PUT", "/agents/bruno/presence", { presence: "online" });
    await expect(target).toBeEnabled();
    await target.check();
    await ana.choice("Transferir").click();
    await expect(ana.windows).toHaveCount(0);
    const other = await agent("bruno", { offline: true });
    await other.window("Marina").button("Transferir").click();
    await expect(other.dialog).toContainText("Este atendimento não pode mais ser transferido.");
    await other.choice("Atendente").click();
    await shut(other, "Ana", "Este atendimento já foi transferido vezes demais.");
  });
});

/** Somebody it cannot go to, and why. */
async function shut(agent: Agent, target: string, why: string): Promise<void> {
  await test.step(`${target}: ${why}`, async () => {
    const radio = agent.dialog.getByRole("radio", { name: new RegExp(`^${target}`, "u") });
    await expect(radio).toBeDisabled();
    await expect(radio).toHaveAccessibleName(new RegExp(`^${target} ${why}`, "u"));
  });
}
