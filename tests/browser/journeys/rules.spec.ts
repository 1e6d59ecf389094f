import { expect, test } from "../world/fixtures";
import type { Agent } from "../world/agent";

const FILE = "plugins/keywords.toml";
const PRAISE = String.raw`[[rule]]
node = "elogios"
any = ['\bmaravilhos\w+\b']
weight = 0.9`;

test("a mistake on disk is shown where it is, mended, taken into force, and taken back", async ({ desk, agent }) => {
  const admin = await agent("admin", { offline: true });
  await admin.turnTo("Regras");
  const { page } = admin;
  const health = page.getByRole("main").getByRole("status");
  const file = admin.card("Arquivos").getByRole("link", { name: FILE });
  const history = admin.card("Histórico").getByRole("listitem");
  await expect(health).toHaveText("O que está no disco está em vigor.");
  const before = await history.count();
  const first = await history.first().locator("b").innerText();
  await file.click();
  const source = page.getByRole("region", { name: `Conteúdo de ${FILE}` });
  await expect(source).toContainText("cobranca.boleto.segunda-via");
  await expect(source.locator("mark")).toHaveCount(0);

  await test.step("what is wrong is underlined, and said with what would be right", async () => {
    desk.rules.append(FILE, PRAISE);
    await expect(health).toContainText("1 problema impede");
    await expect(file).toContainText("com erros · 1 problema");
    await expect(source.locator("mark")).toHaveText(['"elogios"']);
    const below = source.locator(".line", { has: page.locator("mark") }).locator("+ .below");
    await expect(below).toContainText("Erro:");
    await expect(below).toContainText("elogios");
    await expect(below).toContainText(/O que seria certo: .*elogio/u);
    await expect(history).toHaveCount(before);
  });

  await test.step("beside it stands what is in force instead", async () => {
    await admin.card(FILE).getByRole("button", { name: "Em vigor" }).click();
    await expect(source).not.toContainText("elogios");
    await expect(source.locator("mark")).toHaveCount(0);
    await admin.card(FILE).getByRole("button", { name: "No disco" }).click();
    await expect(source.locator("mark")).toHaveCount(1);
  });

  await test.step("mended, it comes into force, and the history says so", async () => {
    desk.rules.replace(FILE, '"elogios"', '"elogio"');
    await expect(health).toHaveText("O que está no disco está em vigor.");
    await expect(file).toContainText("em vigor");
    await expect(source.locator("mark")).toHaveCount(0);
    await expect(admin.notices).toContainText("Regras em vigor");
    await expect(history).toHaveCount(before + 1);
    await expect(history.first()).toContainText("em vigor");
    await expect(history.first()).toContainText("arquivos mudaram");
    await history.first().getByRole("button", { name: /^Mudanças/u }).click();
    const changes = page.getByRole("region", { name: "Mudanças" });
    await expect(changes.locator(".in")).toContainText(["[[rule]]", 'node = "elogio"']);
    await expect(changes.locator(".out")).toHaveCount(0);
  });

  const ana = await agent("ana");
  await suggests(ana, "Marina", ["Senha", "Elogio"]);

  await test.step("an earlier generation is put in force again, once it was confirmed", async () => {
    const again = history.nth(1).getByRole("button", { name: `Pôr em vigor de novo ${first}` });
    await again.click();
    await expect(admin.dialog).toContainText(`Pôr ${first} em vigor de novo?`);
    await admin.choice("Cancelar").click();
    await expect(admin.dialog).toHaveCount(0);
    await expect(history).toHaveCount(before + 1);
    await again.click();
    await admin.choice("Pôr em vigor").click();
    await expect(admin.dialog).toHaveCount(0);
    await expect(admin.notices).toContainText(`A geração ${first} está em vigor.`);
    await expect(health).toContainText("Uma geração anterior foi posta em vigor.");
    await expect(history).toHaveCount(before + 2);
    await expect(history.first().locator("b")).toHaveText(first);
    await expect(history.first()).toContainText("retorno por");
    await expect(file).toContainText("mudou, fora de vigor");
  });
  await suggests(ana, "João", ["Senha"]);

  async function suggests(to: Agent, name: string, expected: string[]): Promise<void> {
    const visitor = await desk.visitor(name);
    await visitor.say("Esqueci a minha senha, mas o atendimento é maravilhoso");
    await test.step(`${name} is thought to speak of ${expected.join(" and ")}`, async () => {
      await expect(to.window(name).suggestions.first()).toBeVisible();
      const found = await to.window(name).suggestions.allInnerTexts();
      for (const one of expected) expect(found.join("\n")).toContain(one);
      expect(found).toHaveLength(expected.length);
    });
  }
});
