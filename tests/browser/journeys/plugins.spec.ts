import { expect, test } from "../world/fixtures";

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
