import { expect, test } from "../world/fixtures";

test("what was said is found again, and read", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("A máquina de café parou de fazer espuma");
  const joao = await desk.visitor("João");
  await joao.say("O boleto venceu");
  const ana = await agent("ana");
  await ana.window("Marina").button("Finalizar").click();
  await ana.choice("Classificar em outro momento").click();
  await expect(ana.windows).toHaveCount(1);

  await ana.window("João").field.press("Alt+b");
  const field = ana.dialog.getByRole("searchbox");
  await expect(field).toBeFocused();
  // Without its accents, and only the beginning of a word.
  await ana.page.keyboard.type("maquina espu");
  const found = ana.dialog.getByRole("listitem");
  await expect(found).toHaveCount(1);
  await expect(found.locator("mark").first()).toHaveText(/máquina/iu);
  await found.getByRole("button").click();
  await expect(ana.dialog.getByRole("article")).toContainText(["parou de fazer espuma"]);
  await ana.page.keyboard.press("Escape");

  await test.step("one of one's own windows is gone to", async () => {
    await ana.page.getByRole("button", { name: "Buscar atendimentos" }).click();
    await field.fill("boleto");
    await ana.dialog.getByRole("button", { name: /João/u }).click();
    await expect(ana.dialog).toHaveCount(0);
    await expect(ana.window("João").field).toBeFocused();
  });
});
