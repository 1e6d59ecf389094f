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
  await expect(titles).toHaveText(["keywords", "transfer-rules", "emoji-policy", "attachment-policy", "greeter", "emoji-trial"]);

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
