// What a test may ask for. Every test has a desk of its own; every person a browser profile of their own.
import { test as base, expect, type BrowserContext, type Browser, type Page } from "@playwright/test";
import { Agent } from "./agent";
import { Desk } from "./desk";
import { Shopper } from "./shopper";
import type { Rules } from "./template";

interface Sitting {
  /** Through another way than directly: an address of a line. */
  address?: string;
  /** In a profile that is open already: another tab. */
  beside?: Agent;
  theme?: "light" | "dark";
  /** Logs in, and no more. */
  offline?: boolean;
}

interface World {
  /** Edits of the rule files before the desk starts: `test.use({ rules: { edit: (rules) => … } })`. */
  rules: { edit?: (rules: Rules) => void };
  desk: Desk;
  /** An agent who has logged in and connected. */
  agent: (login: string, sitting?: Sitting) => Promise<Agent>;
  /** A consumer on the site with the widget; what is asked stands in the script's attributes. */
  shopper: (asked?: Record<string, string>, theme?: "light" | "dark") => Promise<Shopper>;
  /** A page in a profile of its own, whose errors are the test's. */
  fresh: (theme?: "light" | "dark") => Promise<Page>;
}

export const test = base.extend<World>({
  rules: [{}, { option: true }],

  desk: async ({ rules }, use, testInfo) => {
    const desk = await Desk.begin(rules.edit);
    await use(desk);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("what the desk said", { body: desk.process.lastWords(), contentType: "text/plain" });
    }
    await desk.end();
  },

  fresh: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    const faults: string[] = [];
    await use(async (theme = "light") => {
      const context = await profile(browser, theme, faults);
      contexts.push(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
    expect(faults, "errors in the pages").toEqual([]);
  },

  agent: async ({ desk, fresh }, use) => {
    await use(async (login, { address, beside, theme, offline } = {}) => {
      const page = beside ? await beside.page.context().newPage() : await fresh(theme);
      const agent = new Agent(page, address ?? desk.address);
      await agent.open();
      if (beside) return agent;
      await agent.logIn(login);
      if (!offline) await agent.connect();
      return agent;
    });
  },

  shopper: async ({ desk, fresh }, use) => {
    await use(async (asked = {}, theme) => {
      const page = await fresh(theme);
      await page.goto(`${desk.site.address}/?${new URLSearchParams(asked)}`);
      const shopper = new Shopper(page);
      await expect(shopper.launcher).toBeVisible();
      return shopper;
    });
  },
});

/** What the browser itself says of lost lines and of refused answers and origins is no fault of the page. */
const OF_THE_BROWSER = /Failed to load resource|WebSocket connection|net::ERR_|blocked by CORS policy/u;

async function profile(browser: Browser, theme: "light" | "dark", faults: string[]): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme: theme, reducedMotion: "reduce" });
  context.on("weberror", (error) => faults.push(error.error().stack ?? error.error().message));
  context.on("console", (message) => {
    if (message.type() === "error" && !OF_THE_BROWSER.test(message.text())) faults.push(message.text());
  });
  return context;
}

export { expect };
