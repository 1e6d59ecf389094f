// A consumer before the widget, on a page of another origin.
import { type Locator, type Page } from "@playwright/test";

export class Shopper {
  readonly panel: Locator;
  readonly launcher: Locator;
  readonly field: Locator;
  readonly log: Locator;

  constructor(readonly page: Page) {
    const widget = page.locator("dialogo-chat");
    this.panel = widget.getByRole("dialog");
    this.launcher = widget.locator(".launcher");
    this.field = this.panel.getByRole("textbox", { name: "Mensagem" });
    this.log = this.panel.getByRole("log");
  }

  button(name: string | RegExp): Locator {
    return this.panel.getByRole("button", { name });
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.panel.locator("input[type=file]").setInputFiles(files);
  }

  /** Own messages as they stand there. */
  get own(): Locator {
    return this.log.locator(".item.own");
  }
}
