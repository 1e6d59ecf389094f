// An agent before the console.
import { expect, type Locator, type Page } from "@playwright/test";
import { PASSWORD } from "./api";

export class Agent {
  readonly windows: Locator;
  readonly dialog: Locator;
  readonly notices: Locator;

  constructor(
    readonly page: Page,
    readonly address: string,
  ) {
    this.windows = page.locator("section.window");
    this.dialog = page.locator("dialog");
    this.notices = page.locator(".notices");
  }

  async open(): Promise<void> {
    await this.page.goto(this.address);
  }

  async logIn(login: string): Promise<void> {
    await this.page.getByLabel("Usuário").fill(login);
    await this.page.getByLabel("Senha").fill(PASSWORD);
    await this.page.getByRole("button", { name: "Entrar" }).click();
    await expect(this.page.getByRole("navigation", { name: "Atendimentos" })).toBeVisible();
  }

  async connect(): Promise<void> {
    await this.page.getByRole("main").getByRole("button", { name: "Conectar" }).click();
    await expect(this.presence).toContainText("Conectado");
  }

  get presence(): Locator {
    return this.page.getByRole("button", { name: "Sua presença" });
  }

  /** The window of somebody, in whatever language. */
  window(name: string): Window {
    return new Window(this, this.page.getByRole("region", { name: new RegExp(`: ${name}$`, "u") }));
  }

  /** A list at the left, by its title. */
  list(title: string): Locator {
    return this.page.getByRole("navigation").locator("section").filter({ has: this.page.getByRole("heading", { name: title }) });
  }

  /** Names in a list, from above. */
  async namesIn(title: string): Promise<string[]> {
    return this.list(title).locator("li b").allInnerTexts();
  }

  /** One of the pages that supervisors and admins have. */
  async turnTo(page: "Atendimento" | "Ao vivo" | "Indicadores" | "Regras" | "Plugins"): Promise<void> {
    await this.page.getByRole("navigation", { name: "Páginas" }).getByRole("link", { name: page, exact: true }).click();
    if (page !== "Atendimento") await expect(this.page.getByRole("heading", { name: page, exact: true })).toBeFocused();
  }

  /** A titled part of such a page. */
  card(title: string): Locator {
    return this.page.getByRole("region", { name: title, exact: true });
  }

  view(name: "Janelas" | "Colunas"): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A button of the open dialog. */
  choice(name: string): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  async openMenu(): Promise<void> {
    await this.page.getByRole("button", { name: /^(Seu menu|Your menu|Su menú)/u }).click();
  }
}

/** A conversation on the agent's screen. */
export class Window {
  readonly field: Locator;
  readonly files: Locator;
  readonly suggestions: Locator;
  /** What could be answered. */
  readonly replies: Locator;
  readonly chosen: Locator;
  readonly refused: Locator;
  readonly notes: Locator;

  constructor(
    readonly agent: Agent,
    readonly root: Locator,
  ) {
    // Not by its role, which changes while canned replies are offered.
    this.field = root.locator("textarea");
    this.files = root.locator(".composer li");
    this.suggestions = root.locator(".chip");
    this.replies = root.locator("button.reply");
    this.chosen = root.locator(".chosen");
    this.refused = root.locator(".refused");
    this.notes = root.locator(".note").filter({ hasNot: root.locator("textarea") });
  }

  /** What the consumer wrote. */
  get said(): Locator {
    return this.root.locator("article.consumer");
  }

  /** What was written for the desk. */
  get answered(): Locator {
    return this.root.locator("article.own");
  }

  button(name: string): Locator {
    return this.root.getByRole("button", { name, exact: true });
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.button("Enviar").click();
  }

  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.root.locator("input[type=file]").setInputFiles(files);
  }
}
