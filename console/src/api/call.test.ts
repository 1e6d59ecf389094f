import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { caller } from "./call";
import { Problem } from "./problem";

const answers = vi.fn<typeof fetch>();
const ended = vi.fn();
const call = caller(() => "token", ended);
const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", answers);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  answers.mockReset();
  ended.mockReset();
});

/** The answer or the problem, with all pauses passed. */
async function outcome<T>(promise: Promise<T>): Promise<T | Problem> {
  const settled = promise.catch((thrown: unknown) => thrown as Problem);
  await vi.runAllTimersAsync();
  return settled;
}

it("sends an act again under the same key when its answer was lost", async () => {
  answers.mockRejectedValueOnce(new TypeError("network")).mockResolvedValueOnce(new Response(null, { status: 204 }));
  await outcome(call("/x", { method: "POST", body: {}, key: "k" }));
  const keys = answers.mock.calls.map(([, init]) => (init!.headers as Record<string, string>)["Idempotency-Key"]);
  expect(keys).toEqual(["k", "k"]);
});

it("does not send again what has no key", async () => {
  answers.mockRejectedValue(new TypeError("network"));
  expect(await outcome(call("/sessions", { method: "POST", body: {} }))).toMatchObject({ code: "offline" });
  expect(answers).toHaveBeenCalledTimes(1);
});

it("stops trying when nobody waits any more", async () => {
  const stop = new AbortController();
  answers.mockImplementation(() => {
    stop.abort();
    return Promise.reject(new DOMException("", "AbortError"));
  });
  await outcome(call("/x", { method: "POST", body: {}, key: "k", signal: stop.signal }));
  expect(answers).toHaveBeenCalledTimes(1);
});

it("turns problem details into a problem", async () => {
  answers.mockResolvedValueOnce(json({ code: "agent-at-limit", status: 409, title: "t", detail: "d", limit: 4 }, 409));
  const problem = (await outcome(call("/x"))) as Problem;
  expect(problem).toBeInstanceOf(Problem);
  expect(problem.body).toMatchObject({ code: "agent-at-limit", limit: 4 });
});

it("makes a problem of answers that are none", async () => {
  answers.mockResolvedValueOnce(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  expect(await outcome(call("/x"))).toMatchObject({ code: "http-502" });
});

it("tells when the session has ended", async () => {
  answers.mockResolvedValueOnce(json({ code: "unauthorized", status: 401 }, 401));
  await outcome(call("/me"));
  expect(ended).toHaveBeenCalledOnce();
});
