// What was said, as elements.
import type { Attachment, Message } from "../api/types";
import type { Outgoing } from "../state/outbox";
import { chosenTitle, withoutList } from "../state/choices";
import { beginning, calm, pieces, plainName } from "../state/text";
import { timeline, type Item } from "../state/timeline";
import type { Line } from "../state/world";
import { isPicture, save } from "../views/window/files";
import { clock, longDay, size } from "../words/formats";
import { reason, sentence } from "../words/problems";
import { Problem } from "../api/problem";
import type { Chat } from "./chat";
import { h, icon, Row } from "./dom";
import { delivery, isOwn, menu, type Talk } from "./talk";

const DAY_MS = 86_400_000;
/** Larger pictures are not fetched unasked. */
const MOST_PICTURE_BYTES = 4_000_000;
const WIDEST = 220;
const HIGHEST = 160;

export class Log {
  readonly element: HTMLElement;
  #chat: Chat;
  #row: Row;
  #older: HTMLButtonElement;
  #typing: HTMLElement;
  #edit: (message: Outgoing) => void;
  #shown = "";

  constructor(chat: Chat, edit: (message: Outgoing) => void) {
    const { words } = chat.options;
    this.#chat = chat;
    this.#edit = edit;
    const rows = h("div", { class: "row" });
    this.#row = new Row(rows);
    this.#older = h("button", { class: "link", type: "button", hidden: true, onclick: () => void this.#loadOlder() }, words.older);
    this.#typing = h("div", { class: "typing", hidden: true });
    // New messages are announced by the panel's own region: this one would also tell of every change of state.
    this.element = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.log, tabindex: 0 }, this.#older, rows, this.#typing);
    let low = true;
    this.element.addEventListener("scroll", () => (low = this.atEnd()), { passive: true });
    // What stands below grows and shrinks: the last message stays in sight.
    new ResizeObserver(() => low && this.toEnd()).observe(this.element);
  }

  show(): void {
    const { talk, store } = this.#chat;
    if (!talk) {
      this.#row.show([]);
      this.#typing.hidden = true;
      return;
    }
    const low = this.atEnd();
    const items = timeline(talk.thread, store.now.outbox);
    const last = items.at(-1)?.id ?? "";
    const ownLast = talk.thread.messages.findLast((it) => isOwn(it) && !it.refused)?.id;
    const asked = menu(talk, store.now.outbox)?.id;
    this.#row.show(
      items.map((item) => {
        const state = item.kind === "message" && item.id === ownLast ? delivery(item.message, talk.conversation) : "";
        const asks = item.id === asked;
        const held = item.kind === "outgoing" && this.#chat.line !== "open";
        const sign = JSON.stringify([item, state, asks, held, item.kind === "line" && this.#chat.departments.length]);
        return { id: item.id, sign, make: () => this.#element(item, talk, state, asks) };
      }),
    );
    this.#older.hidden = !talk.thread.more;
    this.#showTyping(talk);
    const ownSent = last !== this.#shown && (items.at(-1)?.kind === "outgoing" || this.#shown === "");
    this.#shown = last;
    if (low || ownSent) this.toEnd();
  }

  atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollTop + clientHeight > scrollHeight - 60;
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  async #loadOlder(): Promise<void> {
    const before = this.element.scrollHeight - this.element.scrollTop;
    await this.#chat.older();
    this.show();
    this.element.scrollTop = this.element.scrollHeight - before;
    this.element.focus();
  }

  #showTyping(talk: Talk): void {
    const is = Date.now() < this.#chat.typingUntil && talk.conversation.state !== "closed";
    if (is === !this.#typing.hidden) return;
    const { words } = this.#chat.options;
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.#typing.replaceChildren(dots, words.typing(plainName(talk.conversation.agent?.name ?? words.agent)));
    this.#typing.hidden = !is;
  }

  #element(item: Item, talk: Talk, state: string, asks: boolean): Element {
    const { words } = this.#chat.options;
    if (item.kind === "day") return h("h3", { class: "day" }, dayName(item.at, words.tag, words.today, words.yesterday));
    if (item.kind === "line") return this.#line(item.line);
    if (item.kind === "outgoing") return this.#outgoing(item.outgoing, talk);
    return this.#message(item.message, item.joined, talk, state, asks);
  }

  #line(line: Line): Element {
    const text = lineText(this.#chat, line);
    return h("p", { class: "line", hidden: text === null }, text);
  }

  #message(message: Message, joined: boolean, talk: Talk, state: string, asks: boolean): Element {
    const { words } = this.#chat.options;
    const own = isOwn(message);
    const text = own ? (chosenTitle(talk.thread.messages, message.text) ?? message.text) : withoutList(message);
    const box = this.#box(text, message.attachments ?? [], Boolean(message.refused));
    const time = message.at ? clock(message.at, words.tag) : "";
    const foot = h("p", { class: message.refused ? "foot bad" : "foot" });
    if (message.refused) {
      const { code, detail } = message.refused;
      foot.append(icon("warn"), `${words.refused}: ${reason(code, detail, words)}`);
    } else if (state) {
      const word = words[state as "sent" | "delivered" | "read"];
      foot.append(`${word} ${time}`, icon(state === "sent" ? "check" : "checks"));
    } else if (!joined) {
      foot.append(time);
    }
    const item = h("div", { class: `item${own ? " own" : ""}${joined ? " joined" : ""}${message.refused ? " refused" : ""}` });
    const by = authorName(this.#chat, message);
    // Whoever hears the page is told with every message who says it.
    item.append(own || joined ? h("span", { class: "unseen" }, by) : h("p", { class: "by" }, h("bdi", {}, by)), box);
    if (asks) item.append(this.#choices(message));
    if (foot.childNodes.length) item.append(foot);
    return item;
  }

  #choices(message: Message): Element {
    const choices = (message.choices ?? []).map((choice) =>
      h("button", { class: "choice", type: "button", dir: "auto", onclick: () => this.#chat.choose(choice.payload) }, choice.title),
    );
    return h("div", { class: "choices", role: "group", "aria-label": withoutList(message).slice(0, 120) }, ...choices);
  }

  #outgoing(outgoing: Outgoing, talk: Talk): Element {
    const { words } = this.#chat.options;
    const box = this.#box(chosenTitle(talk.thread.messages, outgoing.text) ?? outgoing.text, outgoing.attachments);
    const item = h("div", { class: `item own${outgoing.failed ? " refused" : ""}` }, h("span", { class: "unseen" }, words.you), box);
    if (!outgoing.failed) {
      const waits = this.#chat.line === "open" ? words.sending : words.held;
      item.append(h("p", { class: "foot" }, waits, icon("clock")));
      return item;
    }
    const why = sentence(new Problem(outgoing.failed), words);
    const button = (label: string, act: () => void) => h("button", { class: "link", type: "button", onclick: act }, label);
    item.append(
      h("p", { class: "foot bad" }, icon("warn"), `${words.refused}: ${why}`),
      h(
        "p",
        { class: "foot" },
        button(words.again, () => this.#chat.again(outgoing)),
        button(words.edit, () => this.#edit(outgoing)),
        button(words.discard, () => this.#chat.discard(outgoing.id)),
      ),
    );
    return item;
  }

  #box(text: string, files: Attachment[], refused = false): Element {
    const { words } = this.#chat.options;
    const box = h("div", { class: "box" });
    if (text) box.append(...richText(text, words.more, words.less));
    for (const file of files) box.append(this.#file(file, refused));
    return box;
  }

  #file(file: Attachment, refused: boolean): Element {
    const { words } = this.#chat.options;
    const name = plainName(file.name);
    const label = [icon("file"), h("span", { class: "clip" }, h("bdi", {}, name)), h("small", {}, size(file.bytes, words.tag))];
    // What was refused was not stored either.
    if (refused) return h("div", { class: "file" }, ...label);
    const fetched = () => this.#chat.file(file.id);
    const store = () => void fetched().then((blob) => save(blob, name)).catch((thrown) => this.#chat.fail(thrown));
    const button = h(
      "button",
      { class: "file", type: "button", "aria-label": words.download(name), onclick: store },
      ...label,
    );
    if (!isPicture(file) || file.bytes > MOST_PICTURE_BYTES) return button;
    const canvas = h("canvas", { role: "img", "aria-label": words.picture(name), width: WIDEST, height: 120 });
    const low = () => this.atEnd();
    void fetched()
      .then((blob) => paint(canvas, blob, low))
      .then((was) => was && this.toEnd())
      .catch(() => canvas.remove());
    return h("div", {}, canvas, button);
  }
}

/** Drawn, since a page's policy may allow no pictures from blobs. */
async function paint(canvas: HTMLCanvasElement, blob: Blob, low: () => boolean): Promise<boolean> {
  const bitmap = await createImageBitmap(blob);
  const was = low();
  const scale = Math.min(1, WIDEST / bitmap.width, HIGHEST / bitmap.height);
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return was;
}

/** Somebody's text: text nodes and safe links; its direction and its marks stay inside. */
function richText(text: string, more: string, less: string): Element[] {
  const start = beginning(text);
  const span = h("span", { class: "text", dir: "auto" });
  const fill = (whole: boolean) => {
    const shown = pieces(calm(whole || start === null ? text : `${start}…`));
    span.replaceChildren(
      ...shown.map((piece) => (piece.href ? h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece.text) : piece.text)),
    );
  };
  fill(false);
  if (start === null) return [span];
  let whole = false;
  const toggle = h("button", { class: "fold", type: "button", "aria-expanded": "false" }, more);
  toggle.addEventListener("click", () => {
    whole = !whole;
    fill(whole);
    toggle.textContent = whole ? less : more;
    toggle.setAttribute("aria-expanded", String(whole));
  });
  return [span, toggle];
}

export function authorName(chat: Chat, message: Message): string {
  const { words } = chat.options;
  if (isOwn(message)) return words.you;
  const name = message.author.name ? plainName(message.author.name) : "";
  return name || (message.author.side === "agent" ? words.agent : words.bot);
}

/** What a line says to the visitor; null where it is the desk's own business. */
export function lineText(chat: Chat, line: Line): string | null {
  const { words } = chat.options;
  const { event } = line;
  switch (event.type) {
    case "conversation_assigned":
      return words.joined(plainName(event.agent.name));
    case "conversation_transferred":
      return words.passedOn(plainName(chat.department(event.to_department)));
    case "conversation_closed":
      return words.closed[event.by] ?? words.ended;
    case "conversation_reopened":
      return words.reopened;
    case "conversation_rated":
      return words.thanks(event.stars);
    default:
      return null;
  }
}

function dayName(at: number, tag: string, today: string, yesterday: string): string {
  const day = new Date(at).toDateString();
  if (day === new Date().toDateString()) return today;
  return day === new Date(Date.now() - DAY_MS).toDateString() ? yesterday : longDay(at, tag);
}
