import { expect, test } from "../world/fixtures";
import type { Visitor } from "../world/visitor";

const NAMES = ["Marina", "João", "Lúcia", "Pedro"];

test("four consumers and one agent talk at once, in columns and in windows", async ({ desk, agent }) => {
  const visitors: Visitor[] = [];
  for (const name of NAMES) visitors.push(await desk.visitor(name));
  for (const visitor of visitors) await visitor.say(`Olá, aqui é ${visitor.name}`);
  const ana = await agent("ana");

  await test.step("each has a window, in the order in which they came", async () => {
    await expect(ana.windows).toHaveCount(4);
    for (const [at, visitor] of visitors.entries()) {
      await expect(ana.windows.nth(at).getByRole("heading")).toHaveText(visitor.name);
      await expect(ana.window(visitor.name).said).toContainText([`Olá, aqui é ${visitor.name}`]);
    }
    await expect(ana.page.getByText("4 de 4 atendimentos")).toBeVisible();
  });

  await test.step("what is answered reaches the right one, once", async () => {
    for (const visitor of visitors) await ana.window(visitor.name).say(`Bom dia, ${visitor.name}!`);
    for (const visitor of visitors) await visitor.hears(`Bom dia, ${visitor.name}!`);
    await expect(ana.page.locator("section.window.active")).toHaveCount(1);
    await expect(ana.page.locator("section.window.active")).toHaveAccessibleName(/Pedro/u);
  });

  await test.step("in columns they stand side by side, in windows two by two; the choice lasts", async () => {
    await ana.view("Colunas").click();
    expect(await rows(ana.windows)).toEqual([4]);
    await ana.view("Janelas").click();
    expect(await rows(ana.windows)).toEqual([2, 2]);
    await ana.page.reload();
    await expect(ana.windows).toHaveCount(4);
    expect(await rows(ana.windows)).toEqual([2, 2]);
    await expect(ana.view("Janelas")).toHaveAttribute("aria-pressed", "true");
  });

  await test.step("what comes meanwhile is counted where nobody looks", async () => {
    await ana.window("Pedro").field.click();
    const [marina] = visitors;
    await marina!.say("Ainda está aí?");
    await marina!.say("Preciso muito");
    await expect(ana.list("Atendendo").getByRole("button", { name: /Marina/u })).toContainText("2 mensagens não lidas");
    await ana.page.keyboard.press("Alt+1");
    await expect(ana.window("Marina").field).toBeFocused();
    await expect(ana.list("Atendendo").getByRole("button", { name: /Marina/u })).not.toContainText("não lida");
    await ana.window("Marina").field.fill("Estou sim");
    await ana.page.keyboard.press("Enter");
    await marina!.hears("Bom dia, Marina!", "Estou sim");
    await expect(ana.window("Marina").answered.last()).toContainText("enviada");
    await marina!.readEverything();
    await expect(ana.window("Marina").answered.last()).toContainText("lida");
  });
});

test("a fifth waits in the queue until a window is free", async ({ desk, agent }) => {
  for (const name of NAMES) await (await desk.visitor(name)).say("Oi");
  const ana = await agent("ana");
  await expect(ana.windows).toHaveCount(4);
  const rita = await desk.visitor("Rita");
  await rita.say("Posso ser atendida?");

  await expect(ana.list("Na fila · Suporte").getByRole("button", { name: /Rita/u })).toBeVisible();
  await expect(ana.windows).toHaveCount(4);
  expect((await rita.conversation()).state).toBe("queued");

  await ana.window("Lúcia").button("Finalizar").click();
  await ana.choice("Finalizar").click();
  await expect(ana.window("Rita").said).toContainText(["Posso ser atendida?"]);
  await expect(ana.list("Na fila")).toContainText("Ninguém na fila");
  // The others kept their places.
  await expect(ana.windows.getByRole("heading")).toHaveText(["Marina", "João", "Rita", "Pedro"]);
});

test("a conversation on hold frees its window and comes back", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Um minuto, vou buscar o número");
  const ana = await agent("ana");
  await ana.window("Marina").button("Colocar em espera").click();
  await expect(ana.windows).toHaveCount(0);
  await ana.list("Em espera").getByRole("button", { name: /Marina/u }).click();
  await ana.choice("Retomar").click();
  await expect(ana.window("Marina").said).toHaveCount(1);
  await marina.isIn("active");
});

test("a note is for colleagues, a canned reply is filled in", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Quero falar do meu pedido");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await window.button("Nota privada").click();
  await window.field.fill("cliente antiga, tratar com carinho");
  await window.button("Anotar").click();
  await expect(window.notes).toContainText("cliente antiga");
  await window.field.fill("/");
  // By keys the chosen one is always in sight: from the first up to the last.
  await expect(ana.page.getByRole("option", { selected: true })).toHaveText(/Saudação/u);
  await window.field.press("ArrowUp");
  await expect(ana.page.getByRole("option").last()).toHaveAttribute("aria-selected", "true");
  await expect(ana.page.getByRole("option").last()).toBeInViewport({ ratio: 0.9 });
  await window.field.fill("/um");
  await ana.page.getByRole("option", { name: /Um momento/u }).click();
  await expect(window.field).toHaveValue(/momento/u);
  const reply = await window.field.inputValue();
  await window.field.press("Enter");
  await marina.hears(reply);
  expect(await marina.messages()).toHaveLength(2);
});

/** How many stand in each row of the screen. */
async function rows(windows: import("@playwright/test").Locator): Promise<number[]> {
  const tops = await windows.evaluateAll((all) => all.map((it) => Math.round(it.getBoundingClientRect().top)));
  return [...new Set(tops)].map((top) => tops.filter((it) => it === top).length);
}
