import { expect, test } from "../world/fixtures";
import type { Desk } from "../world/desk";

/** What agents could only call "other". */
const SAID = [
  "a assinatura digital do contrato falhou",
  "não consigo assinar o contrato digital",
  "a assinatura do contrato deu erro",
  "como assino o contrato digital",
  "o contrato digital não aceita minha assinatura",
  "onde vejo o contrato digital que assinei",
  "preciso corrigir a assinatura do contrato",
  "o link do contrato digital expirou",
  "o contrato chegou sem a minha assinatura digital",
  "quero cancelar a assinatura do contrato digital",
  "os pontos do programa de fidelidade sumiram",
  "meus pontos do programa venceram",
  "quero resgatar os pontos do programa",
  "o programa de fidelidade não somou meus pontos",
  "quantos pontos tenho no programa de fidelidade",
  "como troco meus pontos por um prêmio",
  "os pontos da compra não entraram no programa",
  "quando vencem os pontos do programa",
  "perdi meus pontos de fidelidade",
  "posso passar meus pontos para outra pessoa",
];

test("what fits no classification becomes one, or is turned down", async ({ desk, agent }) => {
  await finishAll(desk);
  const admin = await agent("admin", { offline: true });
  await admin.turnTo("Indicadores");
  const card = admin.card("Novos motivos");
  const group = (word: string) => card.getByRole("article").filter({ hasText: word });

  await test.step("found when somebody asks", async () => {
    await expect(card).toContainText("Ninguém procurou ainda");
    await card.getByRole("button", { name: "Procurar de novo" }).click();
    await expect(card.getByRole("article")).toHaveCount(2, { timeout: 30_000 });
    await expect(card).toContainText("20 de 20 atendimentos sem classificação que sirva");
    await expect(group("contrato")).toContainText(/\d+ atendimentos/u);
    await expect(group("pontos")).toContainText(/\d+ atendimentos/u);
  });

  await test.step("accepted with another title, at another place", async () => {
    await group("contrato").getByRole("button", { name: "Criar classificação" }).click();
    const title = admin.dialog.getByLabel("Título");
    await expect(title).toBeFocused();
    await expect(title).not.toHaveValue("");
    await title.fill("Assinatura digital");
    await admin.dialog.getByLabel("Abaixo de").selectOption({ label: "Conta" });
    await admin.dialog.getByLabel("Id", { exact: true }).fill("conta.acesso");
    await admin.choice("Criar classificação").click();
    await expect(admin.dialog.getByRole("alert")).toContainText("conta.acesso");
    await admin.dialog.getByLabel("Id", { exact: true }).fill("conta.assinatura");
    await admin.choice("Criar classificação").click();
    await expect(admin.dialog).toHaveCount(0);
    await expect(admin.notices).toContainText("Assinatura digital");
    await expect(group("contrato")).toHaveCount(0);
    const { nodes } = await (await desk.account("ana")).call<{ nodes: { id: string; parent?: string }[] }>("GET", "/classifications");
    expect(nodes).toContainEqual(expect.objectContaining({ id: "conta.assinatura", parent: "conta" }));
  });

  await test.step("declined, and gone for those who only look as well", async () => {
    const sofia = await agent("sofia", { offline: true });
    await sofia.turnTo("Indicadores");
    const seen = sofia.card("Novos motivos").getByRole("article");
    await expect(seen).toHaveCount(1);
    await expect(seen.getByRole("button")).toHaveCount(0);
    await group("pontos").getByRole("button", { name: "Recusar" }).click();
    await expect(card).toContainText("Não há nenhum grupo");
    await sofia.page.reload();
    await expect(sofia.card("Novos motivos")).toContainText("Não há nenhum grupo");
  });
});

/** Conversations that came and were finished. */
async function finishAll(desk: Desk): Promise<void> {
  const davi = await desk.onDuty("davi");
  for (const text of SAID) {
    const visitor = await desk.visitor("Marina", { department: "suporte" });
    await visitor.say(text);
    await visitor.isIn("active");
    await davi.call("POST", `/conversations/${visitor.id}/close`, { classify: { node: "outros" } });
  }
}
