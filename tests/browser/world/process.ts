// `dialogo serve` as a process of its own, on a folder and a port that outlive it.
import { spawn, type ChildProcess } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { binary, plugins } from "./machine";

/** Plugins may have to be compiled, on a busy machine. */
const START_MS = 90_000;
const STOP_MS = 30_000;

export class Process {
  readonly folder: string;
  #port: number;
  #child: ChildProcess;
  #ended: Promise<string>;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.#port = port;
    [this.#child, this.#ended] = begin(folder, port);
  }

  /** Starts on a free port and waits until the desk is ready. */
  static async start(folder: string): Promise<Process> {
    // Between asking for a free port and taking it, somebody else may have taken it.
    for (let left = 3; ; left--) {
      const process = new Process(folder, await freePort());
      try {
        await process.#ready();
        return process;
      } catch (fault) {
        if (left === 1 || !process.log().includes("in use")) throw fault;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Starts it again on the same folder and port. */
  async again(): Promise<void> {
    [this.#child, this.#ended] = begin(this.folder, this.#port);
    await this.#ready();
  }

  /** Asks it to stop; it must end well, soon, and must never have panicked. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const how = await Promise.race([this.#ended, pause(STOP_MS, "not in time", { ref: false })]);
    if (how === "not in time") this.#child.kill("SIGKILL");
    const panic = /.*panicked at.*/u.exec(this.log())?.[0];
    if (how !== "code 0" || panic) throw new Error(`the desk ended with ${how}; ${panic ?? ""}\n${this.lastWords()}`);
  }

  log(): string {
    return readFileSync(logOf(this.folder), "utf8");
  }

  lastWords(): string {
    return this.log().split("\n").slice(-40).join("\n");
  }

  async #ready(): Promise<void> {
    const until = Date.now() + START_MS;
    let over = "";
    void this.#ended.then((how) => (over = how));
    while (Date.now() < until && !over) {
      const answer = await fetch(`${this.address}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await pause(25);
    }
    this.#child.kill("SIGKILL");
    throw new Error(`the desk ${over ? `ended with ${over}` : "was not ready in time"}:\n${this.lastWords()}`);
  }
}

const logOf = (folder: string): string => join(folder, "serve.log");

function begin(folder: string, port: number): [ChildProcess, Promise<string>] {
  const log = openSync(logOf(folder), "a");
  const child = spawn(binary, ["--dir", folder, "serve", "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", log, log],
    env: { ...process.env, DIALOGO_PLUGINS: plugins, RUST_BACKTRACE: "1" },
  });
  closeSync(log);
  const ended = new Promise<string>((done) => {
    child.once("error", (fault) => done(fault.message));
    child.once("exit", (code, signal) => done(signal ? `signal ${signal}` : `code ${code}`));
  });
  return [child, ended];
}

/** A port nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
