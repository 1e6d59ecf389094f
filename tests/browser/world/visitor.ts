// A consumer who uses the API.
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { Person, type Conversation, type Message } from "./api";
import type { Sample } from "./samples";

export interface Arrival {
  department?: string;
  email?: string;
  facts?: Record<string, string>;
}

export class Visitor {
  private constructor(
    readonly name: string,
    readonly person: Person,
    readonly id: string,
  ) {}

  /** Begins a conversation in a department's queue. */
  static async arrive(address: string, name: string, arrival: Arrival = {}): Promise<Visitor> {
    const asked = { name, locale: "pt-BR", department: "suporte", ...arrival };
    const begun = await new Person(address).call<{ token: string; conversation: Conversation }>("POST", "/conversations", asked);
    return new Visitor(name, new Person(address, begun.token), begun.conversation.id);
  }

  async say(text: string, files: string[] = []): Promise<Message> {
    return this.person.call("POST", `/conversations/${this.id}/messages`, { id: randomUUID(), text, attachments: files });
  }

  /** Uploads a file; gives its id. */
  async upload(file: Sample): Promise<string> {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(file.buffer)], { type: file.mimeType }), file.name);
    return (await this.person.call<{ id: string }>("POST", `/conversations/${this.id}/attachments`, form)).id;
  }

  async sendFile(file: Sample, text = ""): Promise<void> {
    await this.say(text, [await this.upload(file)]);
  }

  typing(): Promise<void> {
    return this.person.call("POST", `/conversations/${this.id}/typing`);
  }

  async readEverything(): Promise<void> {
    const last = (await this.messages()).at(-1)?.number ?? 0;
    await this.person.call("POST", `/conversations/${this.id}/read`, { delivered: last, read: last });
  }

  messages(): Promise<Message[]> {
    return this.person.transcript(this.id);
  }

  conversation(): Promise<Conversation> {
    return this.person.conversation(this.id);
  }

  /** What the desk's people wrote, in order. */
  async heard(): Promise<string[]> {
    return (await this.messages()).filter((it) => it.author.side === "agent" && !it.refused).map((it) => it.text);
  }

  /** Waits until exactly these answers have come. */
  async hears(...texts: string[]): Promise<void> {
    await expect.poll(() => this.heard(), `what ${this.name} heard`).toEqual(texts);
  }

  /** Waits until the conversation is in this state. */
  async isIn(state: string): Promise<void> {
    await expect.poll(async () => (await this.conversation()).state, `the state of ${this.name}'s conversation`).toBe(state);
  }
}
