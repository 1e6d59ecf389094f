// The pages of the console and their addresses: `#/live`, `#/rules/plugins/emoji.toml`.

export const PAGES = ["desk", "live", "insights", "rules", "plugins"] as const;
export type Page = (typeof PAGES)[number];

export interface Place {
  page: Page;
  /** What the page itself makes of the rest: a file, a conversation. */
  rest: string;
}

const NEEDS: Record<Page, string[]> = {
  desk: ["agent", "supervisor", "admin"],
  live: ["supervisor", "admin"],
  insights: ["supervisor", "admin"],
  rules: ["admin"],
  plugins: ["admin"],
};

/** The pages of a role; what it may do there is the engine's to say. */
export function pagesOf(role: string | undefined): Page[] {
  return PAGES.filter((page) => page === "desk" || (role !== undefined && NEEDS[page].includes(role)));
}

export function placeOf(hash: string): Place {
  const [, name = "", ...rest] = hash.replace(/^#/, "").split("/");
  const page = PAGES.find((it) => it === name);
  return page ? { page, rest: rest.map(decoded).join("/") } : { page: "desk", rest: "" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function addressOf(page: Page, rest = ""): string {
  const parts = rest.split("/").filter(Boolean).map(encodeURIComponent);
  return page === "desk" ? "#/" : `#/${[page, ...parts].join("/")}`;
}
