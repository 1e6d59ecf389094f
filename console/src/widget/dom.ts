// Making elements. Texts become text nodes; there is no way from a text to markup here.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** An element with attributes, listeners (`onclick`) and children. */
export function h<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else set(element, name, value);
  }
  element.append(...children.filter((it): it is Node | string => Boolean(it)));
  return element;
}

/** Sets an attribute, or takes it away. Nothing is written that stands already: readers of the screen would hear it again. */
export function set(element: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const PATHS = {
  chat: "M10 3.2c-4.2 0-7.3 2.7-7.3 6.2 0 2 1 3.7 2.6 4.8l-.5 2.9 3.1-1.6c.7.1 1.4.2 2.1.2 4.2 0 7.3-2.7 7.3-6.3S14.2 3.2 10 3.2ZM6.8 9.5h.01M10 9.5h.01M13.2 9.5h.01",
  close: "m5.5 5.5 9 9M14.5 5.5l-9 9",
  down: "m5.5 7.5 4.5 4.5 4.5-4.5",
  end: "M8 4H4v12h4M12 6.5l3.5 3.5-3.5 3.5M15 10H7.5",
  attach: "M13.5 6.5 7.8 12.2a1.8 1.8 0 0 0 2.6 2.6l6-6a3.5 3.5 0 0 0-5-5l-6.2 6.2a5.2 5.2 0 0 0 7.4 7.4l5-5",
  emoji: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM7.3 12a3.4 3.4 0 0 0 5.4 0M7.6 8h.01M12.4 8h.01",
  send: "M3.5 10 16.5 4l-4.3 12.5-2.7-5.3ZM9.5 11.2 16.5 4",
  file: "M5.5 3h6l3 3v11h-9zM11.5 3v3.2h3",
  clock: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM10 6.5V10l2.5 1.8",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  checks: "m2 10.8 3.2 3.2 6.3-7M9.2 13.2l.8.8L17.5 6.5",
  warn: "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.3h.01",
  star: "m10 3 2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6Z",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName, size = 20): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true" })) {
    svg.setAttribute(key, String(value));
  }
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Brings the children of `parent` in line with `wanted`: what has not changed stays where it is, untouched. */
export class Row {
  #parent: Element;
  #known = new Map<string, { sign: string; node: Element }>();

  constructor(parent: Element) {
    this.#parent = parent;
  }

  show(wanted: { id: string; sign: string; make: () => Element }[]): void {
    const ids = new Set(wanted.map((it) => it.id));
    for (const [id, { node }] of this.#known) {
      if (ids.has(id)) continue;
      node.remove();
      this.#known.delete(id);
    }
    let next = this.#parent.firstElementChild;
    for (const { id, sign, make } of wanted) {
      const known = this.#known.get(id);
      if (known?.sign === sign) {
        if (known.node === next) next = next.nextElementSibling;
        else this.#parent.insertBefore(known.node, next);
        continue;
      }
      const node = make();
      if (known) {
        if (known.node === next) next = next.nextElementSibling;
        known.node.replaceWith(node);
        if (node.nextElementSibling !== next) this.#parent.insertBefore(node, next);
      } else {
        this.#parent.insertBefore(node, next);
      }
      this.#known.set(id, { sign, node });
    }
  }
}
