import { expect, test } from "../world/fixtures";
import { screen } from "../world/screen";

/** The sign is the Greek letter: so writes the browser. */
const TIME = /^[\d,.]+ (μs|ms|s)$/u;

// A stricter policy is tried out beside the one in force.
test.use({
  rules: {
    edit: (rules) => {
      rules.append("plugins.toml", '[[plugin]]\nid = "emoji-trial"\nfile = "emoji-policy.wasm"\nhooks = ["emoji-policy"]\nmode = "shadow"\non_failure = "open"\nsettings = "plugins/emoji-trial.toml"');
      rules.add("plugins/emoji-trial.toml", '[consumer]\ndeny = ["🙂"]\nwhen_denied = "strip"');
    },
  },
});

test("where plugins are asked, how they do, and what one in shadow would have done", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Bom dia, esqueci a minha senha 👍");
  await marina.say("não demorem 🙂");
  const admin = await agent("admin", { offline: true });
  await admin.turnTo("Plugins");
  const titles = admin.page.getByRole("main").getByRole("heading", { level: 3 });
  await expect(titles).toHaveText(["keywords", "transfer-rules", "emoji-policy", "attachment-policy", "greeter", "replies", "emoji-trial"]);

  await test.step("one that was asked has its figures", async () => {
    const keywords = admin.card("keywords");
    await expect(keywords.locator("header")).toContainText("ativo");
    await expect(keywords).toContainText("como se nada tivesse dito");
    const row = keywords.getByRole("row", { name: /^Classificação/u });
    await expect(row).toContainText("funcionando");
    await expect(row.getByRole("cell")).toHaveText([/funcionando/u, /^[1-9]\d*$/u, TIME, TIME, "nenhuma", /^\d.* [kM]?B$/u]);
  });

  await test.step("one that was not has none", async () => {
    const row = admin.card("attachment-policy").getByRole("row", { name: /^Anexos/u });
    await expect(row.getByRole("cell")).toHaveText([/ainda não consultado/u, "0", "–", "–", "nenhuma", "–"]);
    await expect(admin.card("attachment-policy")).toContainText("recusado");
  });

  await test.step("one in shadow says how often it agreed; nothing depended on it", async () => {
    const trial = admin.card("emoji-trial");
    await expect(trial.locator("header")).toContainText("sombra");
    await expect(trial.getByRole("columnheader").last()).toHaveText("Concordância na sombra");
    await expect(trial.getByRole("row", { name: /^Emojis/u }).getByRole("cell").last()).toHaveText("1 de 2");
    await expect(admin.card("emoji-policy").getByRole("columnheader").last()).toHaveText("Memória máxima");
    expect((await marina.messages()).map((it) => it.text)).toEqual(["Bom dia, esqueci a minha senha 👍", "não demorem 🙂"]);
  });

  await test.step("each says where it counts, and one that suggests how often it was right", async () => {
    const keywords = admin.card("keywords");
    await expect(keywords).toContainText("100% dos atendimentos");
    await expect(keywords).toContainText("ainda não medido");
    await expect(admin.card("emoji-trial")).toContainText("nenhum atendimento");
    await expect(admin.card("emoji-trial")).not.toContainText("Sugestões certas");
    const account = await desk.onDuty("ana");
    await marina.isIn("active");
    await account.call("POST", `/conversations/${marina.id}/close`, { classify: { node: "conta.acesso.senha" } });
    await expect(keywords).toContainText("1 dos últimos 1 atendimentos");
  });

  await test.step("its settings are one press away", async () => {
    await admin.card("emoji-trial").getByRole("link", { name: "plugins/emoji-trial.toml" }).click();
    await expect(admin.page.getByRole("region", { name: "Conteúdo de plugins/emoji-trial.toml" })).toBeVisible();
  });
});

test.describe("one that fails again and again", () => {
  test.use({
    rules: {
      edit: (rules) => rules.replace("plugins.toml", "limits = { time_ms = 20, memory_mib = 16 }", "limits = { time_ms = 20, memory_mib = 16, output_kib = 1 }"),
    },
  });

  test("stands in quarantine, with the reason, how often, and when it is tried again", async ({ desk, agent }) => {
    const marina = await desk.visitor("Marina");
    const admin = await agent("admin", { offline: true });
    await admin.turnTo("Plugins");
    const row = admin.card("keywords").getByRole("row", { name: /^Classificação/u });
    // It hands every message to the engine to be searched; these are more than it may hand over.
    let said = 0;
    await expect
      .poll(async () => {
        await marina.say(`${++said} `.padEnd(1_500, "boleto "));
        return row.getByRole("cell").first().innerText();
      })
      .toMatch(/em quarentena\s+output: more than 1024 bytes [^]+nova tentativa em/u);
    await expect(row.getByRole("cell").nth(4)).toContainText(/resposta grande demais: [5-9]/u);
    expect((await marina.messages()).length, "nothing is lost for it").toBe(said);
  });
});

test.describe("one that is wrong more often than the rules allow", () => {
  test.use({
    rules: {
      edit: (rules) => {
        rules.replace("plugins.toml", 'settings = "plugins/keywords.toml"', 'settings = "plugins/keywords.toml"\npromotion = { percent = 100, min_precision = 0.8, window = 10 }');
        rules.replace("plugins.toml", 'settings = "plugins/transfer.toml"', 'settings = "plugins/transfer.toml"\npromotion = { percent = 25 }');
      },
    },
  });

  test("is taken back to shadow, and the page says when and why", async ({ desk, agent }) => {
    const account = await desk.onDuty("ana");
    const admin = await agent("admin", { offline: true });
    await admin.turnTo("Plugins");
    const keywords = admin.card("keywords");
    await expect(keywords.locator("header")).toContainText("ativo");
    await expect(admin.card("transfer-rules")).toContainText("25% dos atendimentos");
    await expect(keywords).toContainText("mínimo pedido: 80%");
    // Two of ten may be wrong.
    for (const name of ["Um", "Dois", "Três"]) {
      const visitor = await desk.visitor(name);
      await visitor.say("esqueci a minha senha");
      await visitor.isIn("active");
      await expect
        .poll(async () => JSON.stringify(await account.conversation(visitor.id)))
        .toContain("conta.acesso.senha");
      await account.call("POST", `/conversations/${visitor.id}/close`, { classify: { node: "elogio" } });
    }
    await expect(keywords.locator("header")).toContainText("sombra");
    await expect(keywords).toContainText("0% 0 dos últimos 3 atendimentos mínimo pedido: 80%");
    await expect(keywords).toContainText(/A central o devolveu à sombra \(.+\): 0 das últimas 3 sugestões estavam certas, as regras pedem 80%\./u);
    await screen(admin.page, "plugins-taken-back");
  });
});
