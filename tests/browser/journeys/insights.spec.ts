import type { Locator } from "@playwright/test";
import { expect, test } from "../world/fixtures";

const FINISHED = [
  { name: "Marina", department: "suporte", node: "cobranca.boleto.segunda-via" },
  { name: "João", department: "suporte", node: "cobranca.boleto.vencido" },
  { name: "Lúcia", department: "suporte", node: "conta.acesso.senha" },
  { name: "Pedro", department: "suporte" },
  { name: "Rita", department: "vendas", node: "vendas.produto.preco" },
];

test("what was finished is counted, exactly, and can be looked into", async ({ desk, agent }) => {
  const davi = await desk.onDuty("davi");
  for (const { name, department, node } of FINISHED) {
    const visitor = await desk.visitor(name, { department });
    await visitor.isIn("active");
    await davi.call("POST", `/conversations/${visitor.id}/close`, { classify: node ? { node } : undefined });
  }
  await (await desk.visitor("Beto")).isIn("active");

  const account = await desk.account("sofia");
  const counted = async () => (await account.call<{ total: { contacts: number; closed: number } }>("GET", "/insights?days=7")).total;
  await expect.poll(counted, "what the desk has counted").toMatchObject({ contacts: 6, closed: 5 });

  const sofia = await agent("sofia", { offline: true });
  await sofia.turnTo("Indicadores");
  const { page } = sofia;
  // Midnight may be near.
  await page.getByRole("button", { name: "7 dias" }).click();
  const figure = (name: string) => page.locator(".tiles > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd").first();
  const tree = sofia.card("Finalizados por classificação");
  const volumes = () => rows(tree);

  await test.step("figures", async () => {
    await expect(figure("Contatos")).toHaveText("6");
    await expect(figure("Finalizados")).toHaveText("5");
    expect(await rows(sofia.card("Por departamento"), 2)).toEqual([
      ["Suporte", "5", "4"],
      ["Vendas", "1", "1"],
    ]);
  });

  await test.step("the bars, in a table", async () => {
    for (const [title, lines] of [["Contatos por dia", 7], ["Contatos por hora", 24]] as const) {
      const card = sofia.card(title);
      await card.getByText("Em tabela").click();
      await expect(card.getByRole("cell")).toHaveCount(lines);
      const counts = (await card.getByRole("cell").allInnerTexts()).map(Number);
      expect(counts.reduce((sum, one) => sum + one, 0), title).toBe(6);
      await expect(card.locator(".bar")).toHaveCount(lines);
    }
  });

  await test.step("the tree, a branch at a time", async () => {
    const closed = [
      ["Cobrança", "", "2", "40%"],
      ["Conta", "", "1", "20%"],
      ["Sem classificação", "", "1", "20%"],
      ["Vendas", "", "1", "20%"],
    ];
    await expect.poll(volumes).toEqual(closed);
    await tree.getByRole("button", { name: "Cobrança" }).click();
    await tree.getByRole("button", { name: "Boleto" }).click();
    await expect.poll(volumes).toEqual([
      closed[0],
      ["Boleto", "", "2", "40%"],
      ["Boleto vencido", "", "1", "20%"],
      ["Segunda via", "", "1", "20%"],
      ...closed.slice(1),
    ]);
  });

  await test.step("of one department", async () => {
    await page.getByRole("combobox", { name: "Departamento" }).selectOption("Vendas");
    await expect(figure("Contatos")).toHaveText("1");
    await expect(figure("Finalizados")).toHaveText("1");
    await expect.poll(volumes).toEqual([["Vendas", "", "1", "100%"]]);
    expect(await rows(sofia.card("Por departamento"), 2)).toEqual([["Vendas", "1", "1"]]);
  });
});

test("how good suggestions were: seen, accepted, changed, ignored, by plugin and by classification", async ({ desk, agent }) => {
  const ana = await agent("ana");
  const finish = async (name: string) => {
    await ana.window(name).button("Finalizar").click();
    await ana.choice("Finalizar").click();
    await expect(ana.window(name).root).toHaveCount(0);
  };
  for (const [name, text] of [["Marina", "esqueci a minha senha"], ["João", "perdi a minha senha"], ["Rita", "Quanto custa o plano maior?"]] as const) {
    await (await desk.visitor(name)).say(text);
    await expect(ana.window(name).suggestions.first()).toBeVisible();
  }
  await ana.window("Marina").suggestions.first().click();
  await expect(ana.window("Marina").chosen).toContainText("Senha");
  await finish("Marina");
  await ana.window("João").field.press("Alt+c");
  await ana.dialog.getByRole("combobox").fill("bloquead");
  await ana.page.keyboard.press("Enter");
  await expect(ana.window("João").chosen).toContainText("Conta bloqueada");
  await finish("João");
  await ana.window("Rita").button("Finalizar").click();
  await ana.choice("Classificar em outro momento").click();

  const sofia = await agent("sofia", { offline: true });
  await sofia.turnTo("Indicadores");
  await sofia.page.getByRole("button", { name: "7 dias" }).click();
  const card = sofia.card("Sugestões");
  await expect.poll(() => rows(card)).toContainEqual(["keywords", "3", "1", "1", "1", "50%"]);
});

/** A table's rows as texts: the name, and the cells behind it. */
async function rows(card: Locator, cells?: number): Promise<string[][]> {
  const found = await card.locator("tbody tr").all();
  return Promise.all(
    found.map(async (row) => {
      const texts = await row.locator("th, td").allInnerTexts();
      return texts.slice(0, cells === undefined ? undefined : cells + 1).map((it) => it.trim());
    }),
  );
}
