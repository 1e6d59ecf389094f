// How fast it is, measured and printed. Only the bytes before the first screen pass or fail: they are the same anywhere.
import type { Page } from "@playwright/test";
import { expect, test } from "../world/fixtures";
import { note, percentile } from "../world/figures";
import type { Visitor } from "../world/visitor";

const MOST_SCRIPT = 80_000;
const MOST_IN_ALL = 150_000;
const NAMES = ["Marina", "João", "Lúcia", "Pedro"];

interface Seen {
  seen: Record<string, number>;
  long: number[];
}

test("from the consumer's Send to the agent's screen", async ({ agent, shopper }) => {
  const messages = 100;
  const maria = await shopper({ name: "Maria", department: "suporte" });
  await maria.launcher.click();
  await maria.button("Iniciar conversa").click();
  await maria.say("Olá");
  const ana = await agent("ana");
  await expect(ana.window("Maria").said).toHaveCount(1);
  await watch(ana.page);
  const sent = await maria.page.evaluate(async (count) => {
    const root = document.querySelector("dialogo-chat")!.shadowRoot!;
    const field = root.querySelector("textarea")!;
    const button = root.querySelector<HTMLButtonElement>(".send")!;
    const times: number[] = [];
    for (let at = 0; at < count; at++) {
      field.value = `ping-${at}.`;
      times.push(Date.now());
      button.click();
      await new Promise((done) => setTimeout(done, 60));
    }
    return times;
  }, messages);
  await expect.poll(async () => Object.keys((await watched(ana.page)).seen).length).toBe(messages);
  const { seen } = await watched(ana.page);
  tell("Send (widget) to the agent's screen, one at a time", sent.map((at, n) => seen[n]! - at));
});

test("twenty messages a second in four conversations", async ({ desk, agent }) => {
  const [each, pause] = [50, 50];
  const visitors: Visitor[] = [];
  for (const name of NAMES) visitors.push(await desk.visitor(name));
  for (const visitor of visitors) await visitor.say("Olá");
  const ana = await agent("ana");
  await expect(ana.windows).toHaveCount(4);
  await watch(ana.page);
  const sent: number[] = [];
  const sending: Promise<unknown>[] = [];
  const begun = Date.now();
  for (let n = 0; n < each * visitors.length; n++) {
    // By the clock, so that a slow answer does not make the load smaller.
    await new Promise((done) => setTimeout(done, begun + n * pause - Date.now()));
    sent.push(Date.now());
    sending.push(visitors[n % visitors.length]!.say(`ping-${n}. Uma mensagem como outra qualquer, com algumas palavras.`));
  }
  await Promise.all(sending);
  await expect.poll(async () => Object.keys((await watched(ana.page)).seen).length).toBe(sent.length);
  const { seen, long } = await watched(ana.page);
  tell("Send (API) to the agent's screen, 20 a second", sent.map((at, n) => seen[n]! - at));
  note("tasks over 50 ms meanwhile (10 s)", long.length ? `${long.length}, longest ${Math.max(...long)} ms` : "none");
});

test("the first screen is small, and soon there", async ({ desk, agent, browser }) => {
  for (const name of NAMES) await (await desk.visitor(name)).say("Olá");
  const ana = await agent("ana");
  await expect(ana.windows).toHaveCount(4);
  const storageState = await ana.page.context().storageState();
  await ana.page.close();
  const times: number[] = [];
  let bytes = { script: 0, all: 0 };
  for (let run = 0; run < 5; run++) {
    // A profile of its own: nothing is in its cache.
    const context = await browser.newContext({ storageState });
    const page = await context.newPage();
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelectorAll("section.window textarea").length < 4) return;
        observer.disconnect();
        requestAnimationFrame(() => Object.assign(globalThis, { usable: performance.now() }));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(desk.address);
    await page.waitForFunction(() => "usable" in globalThis);
    const first = await page.evaluate(() => {
      const { usable } = globalThis as unknown as { usable: number };
      const before = performance.getEntriesByType("resource").filter((it) => it.startTime < usable) as PerformanceResourceTiming[];
      const sum = (all: PerformanceResourceTiming[]) => all.reduce((total, it) => total + it.transferSize, 0);
      const whole = [...before, ...(performance.getEntriesByType("navigation") as PerformanceResourceTiming[])];
      return { usable, script: sum(before.filter((it) => it.name.endsWith(".js"))), all: sum(whole) };
    });
    times.push(first.usable);
    bytes = first;
    await context.close();
  }
  tell("navigation to the usable console, empty cache", times);
  note("script before the first screen", `${(bytes.script / 1000).toFixed(1)} kB of ${MOST_SCRIPT / 1000}`);
  note("everything before the first screen", `${(bytes.all / 1000).toFixed(1)} kB of ${MOST_IN_ALL / 1000}`);
  expect(bytes.script).toBeGreaterThan(0);
  expect(bytes.script).toBeLessThanOrEqual(MOST_SCRIPT);
  expect(bytes.all).toBeLessThanOrEqual(MOST_IN_ALL);
});

function tell(what: string, times: number[]): void {
  const ms = (share: number) => `${Math.round(percentile(times, share))} ms`;
  note(what, `p50 ${ms(0.5)}, p95 ${ms(0.95)}, most ${ms(1)} (${times.length})`);
}

/** Notes when each `ping-N.` has been drawn, and every long task. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched: Seen = { seen: {}, long: [] };
    Object.assign(globalThis, { watched });
    new PerformanceObserver((list) => watched.long.push(...list.getEntries().map((it) => Math.round(it.duration)))).observe({ type: "longtask" });
    const look = (node: Node) => {
      for (const [, n] of (node.textContent ?? "").matchAll(/ping-(\d+)\./gu)) {
        if (!(n! in watched.seen)) requestAnimationFrame(() => (watched.seen[n!] ??= Date.now()));
      }
    };
    // Only what stands in a conversation counts, not the list at the left.
    for (const log of document.querySelectorAll("main [role=log]")) {
      new MutationObserver((all) => all.forEach((it) => it.addedNodes.forEach(look))).observe(log, { childList: true, subtree: true });
    }
  });
}

function watched(page: Page): Promise<Seen> {
  return page.evaluate(() => (globalThis as unknown as { watched: Seen }).watched);
}
