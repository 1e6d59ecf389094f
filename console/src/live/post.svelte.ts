// The agent's messages on their way: kept in the browser until the engine has said what became of them.
import type { Problem } from "../api/problem";
import { add, fail, remove, waiting, type Outgoing } from "../state/outbox";
import { readAll, write } from "./storage";

export class Post {
  outbox: Outgoing[] = $state.raw([]);
  #key: string;
  #transmit: (message: Outgoing) => void;

  constructor(me: string, transmit: (message: Outgoing) => void) {
    this.#key = `outbox.${me}.`;
    this.#transmit = transmit;
    const kept = Object.values(readAll<Outgoing>(this.#key));
    this.outbox = kept.sort((one, other) => one.at - other.at);
  }

  find(id: string): Outgoing | undefined {
    return this.outbox.find((it) => it.id === id);
  }

  /** Keeps the message, shows it, and sends it as soon as there is a line. */
  send(message: Outgoing): void {
    this.outbox = add(this.outbox, message);
    write(this.#key + message.id, message);
    this.#transmit(message);
  }

  /** After a reconnect: what arrived already is answered with its first answer. */
  sendAll(): void {
    waiting(this.outbox).forEach((message) => this.#transmit(message));
  }

  again(message: Outgoing): void {
    this.outbox = remove(this.outbox, message.id);
    this.send({ ...message, failed: undefined });
  }

  discard(id: string): void {
    if (!this.find(id)) return;
    this.outbox = remove(this.outbox, id);
    write(this.#key + id, null);
  }

  /** The engine did not take it: now, or ever. */
  refused(id: string, problem: Problem): void {
    const message = this.find(id);
    if (!message) return;
    if (problem.passing) {
      setTimeout(() => this.find(id) && this.#transmit(message), (problem.body.retry_after ?? 1) * 1_000);
    } else {
      this.outbox = fail(this.outbox, id, problem.body);
      write(this.#key + id, null);
    }
  }
}
