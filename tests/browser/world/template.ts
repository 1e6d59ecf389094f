// One desk made with `dialogo init`, the accounts of the default rules in it; every test begins with a copy. Making it
// compiles the plugins once: the copies find them in their code cache.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD, Person } from "./api";
import { binary, plugins } from "./machine";
import { Process } from "./process";

const ACCOUNTS = [
  ["ana", "Ana", "agent"],
  ["bruno", "Bruno", "agent"],
  ["carla", "Carla", "agent"],
  ["davi", "Davi", "agent"],
  ["elisa", "Elisa", "agent"],
  ["sofia", "Sofia", "supervisor"],
] as const;

const HOME = "DIALOGO_TEMPLATE";

/** Playwright's set-up: what it gives back is done at the end. */
export default async function make(): Promise<() => void> {
  console.log("making the desk that every test begins with (plugins are compiled once) …");
  const home = mkdtempSync(join(tmpdir(), "dialogo-browser."));
  process.env[HOME] = home;
  const folder = join(home, "template");
  const made = spawnSync(binary, ["init", folder, "--admin", "admin", "--password-stdin"], {
    input: `${PASSWORD}\n`,
    encoding: "utf8",
    env: { ...process.env, DIALOGO_PLUGINS: plugins },
  });
  if (made.status !== 0) throw new Error(`dialogo init: ${made.error?.message ?? made.stderr}`);
  // A test says in a second what a person says in an hour.
  const rules = new Rules(folder);
  rules.replace("desk.toml", "messages = 20 ", "messages = 10000 ");
  rules.replace("desk.toml", "uploads_per_hour = 30 ", "uploads_per_hour = 10000 ");
  rules.replace("desk.toml", "new_per_hour = 600 ", "new_per_hour = 10000 ");
  const desk = await Process.start(folder);
  const admin = await Person.logIn(desk.address, "admin");
  for (const [login, name, role] of ACCOUNTS) await admin.call("POST", "/agents", { login, name, role, password: PASSWORD });
  await desk.stop();
  rmSync(join(folder, "serve.log"));
  return () => rmSync(home, { recursive: true, force: true });
}

/** A fresh copy. */
export function copy(): string {
  const home = process.env[HOME];
  if (!home) throw new Error("the set-up did not run");
  const folder = mkdtempSync(join(home, "desk."));
  cpSync(join(home, "template"), folder, { recursive: true });
  return folder;
}

/** The rule files of a desk, edited as people edit them. */
export class Rules {
  constructor(readonly folder: string) {}

  replace(file: string, from: string, to: string): void {
    const path = join(this.folder, "config", file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`config/${file} does not contain ${JSON.stringify(from)}`);
    writeFileSync(path, text.replace(from, () => to));
  }

  append(file: string, more: string): void {
    const path = join(this.folder, "config", file);
    writeFileSync(path, `${readFileSync(path, "utf8")}\n${more}\n`);
  }

  add(file: string, text: string): void {
    writeFileSync(join(this.folder, "config", file), `${text}\n`, { flag: "wx" });
  }
}
