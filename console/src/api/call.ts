// One way to call the engine: the token, the idempotency key, problems as errors, and a second try where the line broke.
import { Problem } from "./problem";

const BASE = "/api/v1";
/** Pauses before the second and third try of a call whose answer was lost. */
const PAUSES_MS = [400, 1500];

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  /** Chosen once per act of the agent and kept through tries: the engine answers a second one with the first answer. */
  key?: string;
  signal?: AbortSignal;
}

export type Caller = <T>(path: string, call?: Call) => Promise<T>;

/** Calls on behalf of whoever holds `token`. `onUnauthorized` is told when the session has ended. `base`: on another host. */
export function caller(token: () => string | null, onUnauthorized: () => void, base = BASE): Caller {
  return async <T>(path: string, call: Call = {}): Promise<T> => {
    const response = await tried(base + path, request(call, token()), call.method === undefined || call.key !== undefined);
    if (response.status === 401) onUnauthorized();
    if (!response.ok) throw await Problem.of(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
}

function request(call: Call, token: string | null): RequestInit {
  const headers: Record<string, string> = {};
  if (token) headers["Authorization"] = `Bearer ${token}`;
  if (call.key) headers["Idempotency-Key"] = call.key;
  const form = call.body instanceof FormData ? call.body : null;
  if (call.body !== undefined && !form) headers["Content-Type"] = "application/json";
  const json = call.body === undefined ? null : JSON.stringify(call.body);
  return { method: call.method ?? "GET", headers, body: form ?? json, signal: call.signal ?? null };
}

async function tried(address: string, init: RequestInit, again: boolean): Promise<Response> {
  const pauses = again ? [...PAUSES_MS] : [];
  for (;;) {
    const response = await fetch(address, init).catch(() => null);
    if (response && response.status !== 503) return response;
    const pause = init.signal?.aborted ? undefined : pauses.shift();
    if (pause === undefined) {
      if (response) return response;
      throw Problem.offline();
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

/** A file as a blob: pictures and downloads need the token, so they cannot be plain addresses. */
export async function fetchFile(id: string, token: string | null, base = BASE): Promise<Blob> {
  const response = await tried(`${base}/attachments/${id}`, request({}, token), true);
  if (!response.ok) throw await Problem.of(response);
  return response.blob();
}
