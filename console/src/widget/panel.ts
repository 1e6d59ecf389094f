// The round button, and the dialog it opens.
import { plainName } from "../state/text";
import { dropZone } from "../views/window/files";
import { elapsed } from "../words/formats";
import { Ending, Start } from "./cards";
import { Chat } from "./chat";
import { Composer } from "./composer";
import { h, icon, say, set } from "./dom";
import { authorName, Log, lineText } from "./log";
import type { Options } from "./options";
import { isOwn, unread } from "./talk";
import { sheet, sheets } from "./theme";

const NARROW = "(max-width: 520px), (max-height: 460px)";
const FOCUSABLE = 'button:not([tabindex="-1"]), input:not([tabindex="-1"]), textarea, a[href], [tabindex="0"]';

export class Panel {
  #chat: Chat;
  #root: ShadowRoot;
  #launcher: HTMLButtonElement;
  #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  #panel: HTMLElement;
  #title = h("h2", { class: "clip", id: "title" });
  #state = h("p", { class: "clip" });
  #endButton: HTMLButtonElement;
  #ask: HTMLElement;
  #lost: HTMLElement;
  #queue = h("div", { class: "strip" });
  #place = h("b");
  #wait = h("span");
  #since = h("span", { class: "end" });
  #notice: HTMLElement;
  #noticeText = h("span");
  #news = h("div", { class: "unseen", "aria-live": "polite", role: "status" });
  #log: Log;
  #composer: Composer;
  #start: Start;
  #ending: Ending;
  /** What stands at the bottom: focus goes along when it changes. */
  #stands: "start" | "write" | "end" | "" = "";
  #open = false;
  /** A closed conversation in which the visitor wants to write again. */
  #goesOn = false;
  #drawing = false;
  #told = new Set<string>();
  #toldFrom: string | null = null;
  #viewport = sheet("");
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(host: HTMLElement, options: Options) {
    const { words } = options;
    this.#root = host.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = [...sheets(options.theme), this.#viewport];
    this.#chat = new Chat(options, () => this.#later());
    this.#composer = new Composer(this.#chat);
    this.#log = new Log(this.#chat, (message) => {
      this.#chat.discard(message.id);
      this.#chat.draft(message.text);
      this.#show();
      this.#composer.field.focus();
    });
    this.#log.element.addEventListener("scroll", () => this.#mark(), { passive: true });
    this.#start = new Start(this.#chat);
    this.#ending = new Ending(this.#chat, () => {
      this.#goesOn = true;
      this.#show();
    });
    this.#launcher = h("button", { class: "launcher", type: "button", "aria-haspopup": "dialog", onclick: () => this.open() }, icon("chat", 28), this.#badge);
    const close = h("button", { class: "tool", type: "button", "aria-label": words.minimise, title: words.minimise, onclick: () => this.close() }, icon("down"));
    this.#endButton = h("button", { class: "tool", type: "button", "aria-label": words.end, title: words.end, "aria-expanded": "false", onclick: () => this.#asks(true) }, icon("end"));
    const yes = () => {
      this.#asks(false);
      void this.#chat.end();
    };
    this.#ask = h(
      "div",
      { class: "strip ask", role: "group", "aria-label": words.endAsk, hidden: true },
      h("b", {}, words.endAsk),
      h("button", { class: "button small main", type: "button", onclick: yes }, words.end),
      h("button", { class: "button small", type: "button", onclick: () => this.#asks(false) }, words.endNo),
    );
    this.#lost = h("p", { class: "strip lost", role: "status", hidden: true });
    this.#queue.append(this.#place, this.#wait, this.#since);
    const dismiss = h("button", { class: "tool", type: "button", "aria-label": words.dismiss, onclick: () => this.#chat.dismiss() }, icon("close", 16));
    this.#notice = h("div", { class: "notice", role: "alert", hidden: true }, icon("warn"), this.#noticeText, dismiss);
    this.#panel = h(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", "data-drop": words.drop, tabindex: -1, hidden: true },
      h("div", { class: "head" }, h("div", { class: "who" }, this.#title, this.#state), this.#endButton, close),
      this.#ask,
      this.#lost,
      this.#queue,
      this.#log.element,
      this.#start.element,
      this.#notice,
      this.#composer.element,
      this.#ending.element,
    );
    this.#panel.addEventListener("keydown", (event) => this.#key(event));
    dropZone(
      (files) => this.#stands === "write" && this.#chat.add(files),
      (over) => this.#panel.classList.toggle("dropping", over && this.#stands === "write"),
    )(this.#panel);
    this.#root.append(h("div", { class: "root", lang: words.tag }, this.#launcher, this.#panel, this.#news));
    document.addEventListener("visibilitychange", () => this.#mark());
    addEventListener("focus", () => this.#mark());
    visualViewport?.addEventListener("resize", () => this.#fit());
    visualViewport?.addEventListener("scroll", () => this.#fit());
    // On the next page it stands as it stood; a narrow screen would be covered by it.
    if (this.#chat.store.now.open && !matchMedia(NARROW).matches) this.#toggle(true);
    this.#show();
  }

  open(): void {
    this.#toggle(true);
    this.#show();
    this.#log.toEnd();
    this.#focus();
  }

  close(): void {
    this.#toggle(false);
    this.#show();
    this.#launcher.focus();
  }

  #toggle(open: boolean): void {
    this.#open = open;
    this.#panel.hidden = !open;
    this.#launcher.hidden = open;
    clearInterval(this.#clock);
    if (open) {
      this.#clock = setInterval(() => this.#tick(), 1_000);
      this.#chat.follow();
      this.#fit();
    }
    this.#chat.store.change((kept) => ({ ...kept, open }));
  }

  #tick(): void {
    this.#chat.tick(Date.now());
    this.#showQueue();
    this.#log.show();
  }

  #asks(is: boolean): void {
    this.#ask.hidden = !is;
    set(this.#endButton, "aria-expanded", String(is));
    if (is) this.#ask.querySelector<HTMLElement>("button")?.focus();
    else this.#endButton.focus();
  }

  /** Several changes of one moment are drawn once. */
  #later(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#show();
    });
  }

  #show(): void {
    const { talk, store, options, line, notice } = this.#chat;
    const { words } = options;
    const { conversation } = store.now;
    const closed = talk?.conversation.state === "closed";
    if (!closed) this.#goesOn = false;
    const stands = !conversation ? "start" : closed && !this.#goesOn ? "end" : "write";
    this.#start.element.hidden = stands !== "start";
    this.#log.element.hidden = stands === "start";
    this.#composer.element.hidden = stands !== "write";
    this.#ending.element.hidden = stands !== "end";
    const agent = talk?.conversation.agent?.name;
    say(this.#title, agent ? plainName(agent) : (options.title ?? words.title));
    const state = closed ? words.ended : agent ? words.online : talk?.conversation.state === "bot" ? words.assistant : "";
    say(this.#state, conversation ? state : "");
    this.#state.hidden = !this.#state.textContent;
    this.#endButton.hidden = stands !== "write" || closed === true;
    if (this.#endButton.hidden) this.#ask.hidden = true;
    const away = Boolean(conversation) && line !== "open";
    this.#lost.hidden = !away;
    say(this.#lost, away ? (line === "lost" || this.#chat.ready ? words.lost : words.connecting) : "");
    this.#notice.hidden = notice === null;
    say(this.#noticeText, notice ?? "");
    this.#showQueue();
    this.#log.show();
    this.#composer.show();
    this.#start.show();
    this.#ending.show();
    this.#showBadge();
    this.#tell();
    const moved = this.#stands !== stands;
    this.#stands = stands;
    if (moved && this.#open) {
      const at = this.#root.activeElement;
      // Where the focused field has gone, focus goes to what stands there now.
      if (at === null || (at instanceof HTMLElement && at.offsetParent === null)) this.#focus();
      this.#log.toEnd();
    }
    this.#mark();
  }

  #showQueue(): void {
    const { talk, options } = this.#chat;
    const { words } = options;
    const waits = talk && ["queued", "offered"].includes(talk.conversation.state);
    this.#queue.hidden = !waits;
    if (!waits) return;
    const { place, expected_wait_ms: wait } = talk.conversation;
    say(this.#place, place ? words.queue(place) : words.waiting);
    const since = talk.waitingSince ? words.since(elapsed(Date.now() - talk.waitingSince)) : "";
    say(this.#since, since);
    say(this.#wait, wait ? words.wait(Math.round(wait / 60_000)) : "");
    this.#wait.hidden = !wait;
  }

  #showBadge(): void {
    const { words } = this.#chat.options;
    const count = unread(this.#chat.talk);
    this.#badge.hidden = count === 0;
    say(this.#badge, count > 99 ? "99+" : String(count));
    set(this.#launcher, "aria-label", count ? `${words.open}: ${words.unread(count)}` : words.open);
  }

  /** Says aloud what others wrote and what happened since the conversation was loaded. */
  #tell(): void {
    const { talk } = this.#chat;
    if (!talk || !this.#chat.ready) return;
    const first = this.#toldFrom !== talk.conversation.id;
    this.#toldFrom = talk.conversation.id;
    const texts: string[] = [];
    const note = (id: string, text: () => string | null) => {
      if (this.#told.has(id)) return;
      this.#told.add(id);
      const said = first ? null : text();
      if (said) texts.push(said);
    };
    for (const message of talk.thread.messages) {
      note(message.id, () => (isOwn(message) ? null : `${authorName(this.#chat, message)}: ${message.text.slice(0, 300)}`));
    }
    for (const line of talk.thread.lines) note(line.id, () => lineText(this.#chat, line));
    if (texts.length) this.#news.replaceChildren(...texts.map((text) => h("p", {}, text)));
  }

  #mark(): void {
    const seen = this.#open && document.visibilityState === "visible" && document.hasFocus() && this.#log.atEnd();
    this.#chat.mark(seen);
  }

  #focus(): void {
    if (this.#stands === "start") this.#start.focus();
    else if (this.#stands === "end") this.#ending.focus();
    // On a phone a focused field brings up the keyboard, which hides what there is to read.
    else if (matchMedia("(pointer: coarse)").matches) this.#panel.focus();
    else this.#composer.field.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.#ask.hidden) this.#asks(false);
      else this.close();
    }
    if (event.key === "Tab" && matchMedia(NARROW).matches) this.#keepInside(event);
    // Shortcuts of the page are not meant while somebody writes here.
    event.stopPropagation();
  }

  /** Full screen it covers the page: focus does not go behind it. */
  #keepInside(event: KeyboardEvent): void {
    const all = [...this.#panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((it) => it.offsetParent !== null || it === this.#root.activeElement);
    const [first, last] = [all[0], all.at(-1)];
    const at = this.#root.activeElement;
    if (!first || !last) return;
    if (event.shiftKey && (at === first || at === this.#panel)) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && at === last) {
      event.preventDefault();
      first.focus();
    }
  }

  /** The keyboard of a phone makes the visible part smaller, not the page. */
  #fit(): void {
    const view = visualViewport;
    const narrow = this.#open && matchMedia(NARROW).matches;
    set(this.#panel, "aria-modal", narrow ? "true" : null);
    if (!narrow || !view || view.scale > 1.01) return this.#viewport.replaceSync("");
    const low = this.#log.atEnd();
    this.#viewport.replaceSync(`:host{--top:${Math.round(view.offsetTop)}px;--high:${Math.round(view.height)}px}`);
    if (low) this.#log.toEnd();
  }
}
