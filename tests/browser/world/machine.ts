// Where things are on this machine: what xtask says in the environment, else where a build leaves them.
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../../..");
const target = process.env.CARGO_TARGET_DIR ? resolve(repository, process.env.CARGO_TARGET_DIR) : join(repository, "target");

/** The binary under test. */
export const binary = process.env.DIALOGO_BIN ?? join(target, "debug/dialogo");

/** The built plugin packages. */
export const plugins = process.env.DIALOGO_PLUGINS ?? join(target, "plugins");

/** Pictures of every screen. */
export const screenshots = join(target, "screenshots");

/** Where the guides' pictures are written, when they are to be made anew. */
export const pictures = process.env.DIALOGO_PICTURES ? resolve(repository, process.env.DIALOGO_PICTURES) : undefined;

/** What is left of tests that failed. */
export const leftovers = join(target, "browser-tests");

/** The browser: the one xtask found, else what the path has. */
export const chromium = process.env.DIALOGO_CHROMIUM ?? onPath("chromium") ?? "chromium";

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}
