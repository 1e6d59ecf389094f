// What stands where one writes, before a conversation and after it.
import type { Chat } from "./chat";
import { h, icon, say, set } from "./dom";
import { rating } from "./talk";

const MOST_NAME = 100;

/** Before: the name, where the page did not give one. */
export class Start {
  readonly element: HTMLFormElement;
  #chat: Chat;
  #button: HTMLButtonElement;

  constructor(chat: Chat) {
    const { words, visitor } = chat.options;
    this.#chat = chat;
    this.#button = h("button", { class: "button main", type: "submit" }, words.begin);
    const name = h("input", { type: "text", id: "name", name: "name", autocomplete: "name", maxlength: MOST_NAME, dir: "auto" });
    const label = h("label", { for: "name" }, words.name, " ", h("small", {}, `(${words.optional})`));
    this.element = h(
      "form",
      { class: "card start", novalidate: true },
      h("h3", {}, words.hello),
      h("p", {}, words.intro),
      !visitor.name && h("div", {}, label, name),
      this.#button,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void chat.begin(name.value);
    });
  }

  show(): void {
    const { words } = this.#chat.options;
    set(this.#button, "aria-disabled", this.#chat.beginning ? "true" : null);
    say(this.#button, this.#chat.beginning ? words.beginning : words.begin);
  }

  focus(): void {
    (this.element.querySelector<HTMLElement>("input") ?? this.#button).focus();
  }
}

/** After: how it was, and how to go on. */
export class Ending {
  readonly element: HTMLElement;
  #chat: Chat;
  #ask: HTMLFormElement;
  #more: HTMLElement;
  #stars: HTMLElement[];
  #chosen = 0;
  #again: HTMLButtonElement;

  constructor(chat: Chat, goOn: () => void) {
    const { words } = chat.options;
    this.#chat = chat;
    this.#stars = [1, 2, 3, 4, 5].map((count) => {
      const input = h("input", { type: "radio", name: "stars", value: count, "aria-label": words.stars(count) });
      input.addEventListener("change", () => this.#choose(count));
      return h("label", { class: "star", title: words.stars(count) }, input, icon("star", 28));
    });
    const comment = h("textarea", { id: "comment", rows: 2, maxlength: 1000, dir: "auto" });
    this.#more = h(
      "div",
      { class: "more", hidden: true },
      h("div", {}, h("label", { for: "comment" }, words.comment, " ", h("small", {}, `(${words.optional})`)), comment),
      h("button", { class: "button main", type: "submit" }, words.rateSend),
    );
    this.#ask = h("form", { novalidate: true }, h("fieldset", {}, h("legend", {}, h("h3", {}, words.rate)), h("div", { class: "stars" }, ...this.#stars)), this.#more);
    this.#ask.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#chosen) return;
      void chat.rate(this.#chosen, comment.value.trim()).then(() => (comment.value = ""));
    });
    this.#again = h("button", { class: "button main", type: "button", onclick: () => void chat.begin("") }, words.restart);
    const on = h("button", { class: "button", type: "button", onclick: goOn }, words.goOn);
    this.element = h("div", { class: "card ending" }, this.#ask, h("div", { class: "buttons" }, this.#again, on));
  }

  show(): void {
    const { talk, options, beginning } = this.#chat;
    if (!talk) return;
    const rated = rating(talk) !== null;
    const answered = talk.thread.messages.some((it) => it.author.side === "agent");
    if ((rated || !answered) !== this.#ask.hidden) {
      // The question is answered: whoever stood in it stands at what comes next.
      const inside = this.#ask.contains((this.#ask.getRootNode() as ShadowRoot).activeElement);
      this.#ask.hidden = rated || !answered;
      this.#choose(0);
      if (inside) this.focus();
    }
    this.#again.classList.toggle("main", this.#ask.hidden);
    say(this.#again, beginning ? options.words.beginning : options.words.restart);
  }

  focus(): void {
    (this.#ask.hidden ? this.#again : this.#stars[0]!.querySelector("input")!).focus();
  }

  #choose(count: number): void {
    this.#chosen = count;
    this.#stars.forEach((star, at) => {
      star.classList.toggle("on", at < count);
      if (count === 0) star.querySelector("input")!.checked = false;
    });
    this.#more.hidden = count === 0;
  }
}
