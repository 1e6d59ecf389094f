import { expect, test } from "../world/fixtures";

const LANGUAGES = [
  { name: "English", tag: "en", finish: "Finish", offline: "Send", department: "Support", suggestion: "Password" },
  { name: "Español", tag: "es", finish: "Finalizar", offline: "Enviar", department: "Soporte", suggestion: "Contraseña" },
  { name: "Português", tag: "pt-BR", finish: "Finalizar", offline: "Enviar", department: "Suporte", suggestion: "Senha" },
];

test("three languages, switched at once, with nothing lost", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("esqueci a minha senha");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await window.field.fill("um rascunho");
  await ana.page.evaluate(() => Object.assign(globalThis, { neverLoadedAnew: true }));
  for (const language of LANGUAGES) {
    await ana.openMenu();
    await ana.page.getByRole("button", { name: language.name }).click();
    await ana.page.keyboard.press("Escape");
    await expect(ana.page.locator("html")).toHaveAttribute("lang", language.tag);
    await expect(window.button(language.finish)).toBeVisible();
    await expect(window.button(language.offline)).toBeVisible();
    await expect(window.root.locator("header")).toContainText(language.department);
    await expect(window.suggestions.first()).toContainText(language.suggestion);
    await expect(window.field).toHaveValue("um rascunho");
  }
  expect(await ana.page.evaluate(() => "neverLoadedAnew" in globalThis)).toBe(true);
  await ana.page.reload();
  await expect(ana.page.locator("html")).toHaveAttribute("lang", "pt-BR");
});
