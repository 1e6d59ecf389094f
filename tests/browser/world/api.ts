// The public API, as its clients see it.
import { randomUUID } from "node:crypto";

export const PASSWORD = "uma senha bem comprida";

/** What the engine says when it does not do something. */
export interface ProblemBody {
  code: string;
  title: string;
  detail: string;
}

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
    call: string,
  ) {
    super(`${call}: ${status} ${body.code}: ${body.detail}`);
  }
}

export interface Message {
  id: string;
  number: number;
  text: string;
  author: { side: string; agent?: string; name?: string };
  note?: boolean;
  refused?: { code: string; detail: string };
  attachments?: { id: string; name: string }[];
}

export interface Conversation {
  id: string;
  state: string;
  department?: string;
  agent?: { id: string; name: string } | null;
  classification: { state: string; node?: string | null };
  closed?: { by: string } | null;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Somebody with a token, or nobody. */
export class Person {
  constructor(
    readonly address: string,
    readonly token?: string,
  ) {}

  static async logIn(address: string, login: string): Promise<Person> {
    const { token } = await new Person(address).call<{ token: string }>("POST", "/sessions", { login, password: PASSWORD });
    return new Person(address, token);
  }

  async call<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { "idempotency-key": randomUUID() };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["content-type"] = "application/json";
    const sent = body === undefined ? undefined : isForm ? body : JSON.stringify(body);
    const answer = await fetch(`${this.address}/api/v1${path}`, { method, headers, body: sent });
    const text = await answer.text();
    if (!answer.ok) throw new Refusal(answer.status, JSON.parse(text) as ProblemBody, `${method} ${path}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  conversation(id: string): Promise<Conversation> {
    return this.call("GET", `/conversations/${id}`);
  }

  /** All of a conversation's messages as this person sees them, oldest first. */
  async transcript(id: string): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const after = all.at(-1)?.number ?? 0;
      const page = await this.call<{ messages: Message[]; more: boolean }>("GET", `/conversations/${id}/messages?after=${after}&limit=200`);
      all.push(...page.messages);
      if (!page.more || page.messages.length === 0) return all;
    }
  }
}
