// Where the visitor writes: text, files, a few emoji.
import { pastedFiles } from "../views/window/files";
import { size } from "../words/formats";
import { MOST_BYTES, type Chat } from "./chat";
import { h, icon, Row, say, set } from "./dom";

const EMOJI = ["🙂", "😀", "😂", "😍", "😉", "😢", "😮", "🤔", "👍", "👎", "🙏", "👏", "❤️", "🎉", "✅", "❌"];
const MOST_ROWS = 5;
/** About as many letters as one row holds. */
const ROW = 30;

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export class Composer {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  #chat: Chat;
  #send: HTMLButtonElement;
  #long: HTMLElement;
  #emoji: HTMLElement;
  #chips: HTMLElement;
  #files: Row;
  #isLong = false;

  constructor(chat: Chat) {
    const { words } = chat.options;
    this.#chat = chat;
    this.field = h("textarea", { rows: 1, "aria-label": words.message, placeholder: words.message, "aria-describedby": "long", dir: "auto", autocomplete: "off" });
    this.field.value = chat.store.now.draft;
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("paste", (event) => this.#paste(event));
    this.#send = h("button", { class: "tool send", type: "button", "aria-label": words.send, title: words.send, onclick: () => this.send() }, icon("send"));
    const input = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
    input.addEventListener("change", () => {
      chat.add([...(input.files ?? [])]);
      input.value = "";
      this.field.focus();
    });
    input.addEventListener("click", () => (input.accept = chat.accept));
    const attach = h("button", { class: "tool", type: "button", "aria-label": words.attach, title: words.attach, onclick: () => input.click() }, icon("attach"));
    const smile = h("button", { class: "tool", type: "button", "aria-label": words.emoji, title: words.emoji, "aria-expanded": "false" }, icon("emoji"));
    smile.addEventListener("click", () => {
      this.#emoji.hidden = !this.#emoji.hidden;
      set(smile, "aria-expanded", String(!this.#emoji.hidden));
    });
    this.#emoji = h(
      "div",
      { class: "emoji", role: "group", "aria-label": words.emoji, hidden: true },
      ...EMOJI.map((it) => h("button", { type: "button", onclick: () => this.#insert(it) }, it)),
    );
    this.#chips = h("div", { class: "chips" });
    this.#files = new Row(this.#chips);
    this.#long = h("p", { class: "notice", id: "long", role: "alert", hidden: true });
    this.element = h(
      "div",
      {},
      this.#long,
      h("div", { class: "write" }, this.#chips, this.#emoji, h("div", { class: "bar" }, attach, smile, input, this.field, this.#send)),
    );
    this.#grow();
  }

  show(): void {
    const { words } = this.#chat.options;
    const { files, draft } = this.#chat.store.now;
    // A message that was taken back stands here again.
    if (draft !== this.field.value) {
      this.field.value = draft;
      this.#grow();
    }
    const stored = files.map((file) => ({ key: file.id, name: file.name, label: file.name, drop: () => this.#chat.removeFile(file.id) }));
    const running = this.#chat.uploads.map((it) => ({ key: it.key, name: it.name, label: words.uploading(it.name), drop: () => it.stop.abort() }));
    this.#files.show(
      [...stored, ...running].map(({ key, name, label, drop }) => ({
        id: key,
        sign: label,
        make: () => {
          const remove = () => {
            drop();
            this.field.focus();
          };
          const button = h("button", { class: "tool", type: "button", "aria-label": words.remove(name), onclick: remove }, icon("close", 16));
          return h("span", { class: "chip" }, icon("file", 16), h("span", { class: "clip" }, h("bdi", {}, label)), button);
        },
      })),
    );
    this.#chips.hidden = this.#chips.childElementCount === 0;
    set(this.#send, "aria-disabled", !this.#sendable() ? "true" : "false");
  }

  send(): void {
    if (!this.#sendable()) return;
    const text = this.field.value;
    this.field.value = "";
    this.#chat.send(text);
    this.#grow();
    this.field.focus();
  }

  #sendable(): boolean {
    const { files } = this.#chat.store.now;
    return !this.#isLong && this.#chat.uploads.length === 0 && (this.field.value.trim() !== "" || files.length > 0);
  }

  #changed(): void {
    this.#chat.draft(this.field.value);
    this.#grow();
    this.show();
  }

  #grow(): void {
    const text = this.field.value;
    const { words } = this.#chat.options;
    // No character has more than three bytes for each of its units: short texts need no counting.
    const bytes = text.length * 3 > MOST_BYTES ? bytesOf(text) : 0;
    this.#isLong = bytes > MOST_BYTES;
    this.#long.hidden = !this.#isLong;
    say(this.#long, this.#isLong ? words.tooLong(size(bytes, words.tag), size(MOST_BYTES, words.tag)) : "");
    set(this.field, "aria-invalid", this.#isLong ? "true" : null);
    let rows = 0;
    for (const line of text.slice(0, 400).split("\n")) rows += Math.max(1, Math.ceil(line.length / ROW));
    this.field.rows = Math.min(MOST_ROWS, rows);
  }

  #key(event: KeyboardEvent): void {
    // With a keyboard on the screen Enter makes a line; the button sends.
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch) return;
    event.preventDefault();
    this.send();
  }

  #paste(event: ClipboardEvent): void {
    const files = pastedFiles(event);
    if (files.length === 0) return;
    event.preventDefault();
    this.#chat.add(files);
  }

  #insert(emoji: string): void {
    this.field.setRangeText(emoji, this.field.selectionStart, this.field.selectionEnd, "end");
    this.field.focus();
    this.#changed();
  }
}
