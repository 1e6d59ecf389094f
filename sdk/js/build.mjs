// From a plugin's project to a component: types checked, modules bundled, QuickJS around them, WASI stubbed out.
//
// `dialogo plugin build` copies this file beside the tools it needs (node_modules of package-lock.json) and runs it there:
// node build.mjs --project DIR --sdk DIR --wit DIR --world NAME --hooks NAME,… --out FILE

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { componentize } from "componentize-qjs";
import { build } from "esbuild";

const given = parseArgs({
  options: Object.fromEntries(["project", "sdk", "wit", "world", "hooks", "out"].map((name) => [name, { type: "string" }])),
}).values;

/** Where a plugin begins. */
const entry = ["src/plugin.ts", "src/plugin.js"]
  .map((name) => join(given.project, name))
  .find((file) => existsSync(file));

/** Ends with what is wrong, without the stack of this script. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Every hook there is, with the name that its constant has. */
const HOOKS = new Map(
  "setup classifier transfer-rules message-policy emoji-policy attachment-policy bot observer replies"
    .split(" ")
    .map((hook) => [hook, hook.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase())]),
);

/** Ends unless exactly the hooks that the manifest names are exported. */
function compare(exported) {
  const wanted = given.hooks.split(",");
  for (const [hook, name] of HOOKS) {
    if (wanted.includes(hook) && !exported.includes(name)) {
      fail(`${entry} does not export the hook ${hook}: write \`export const ${name} = dialogo.${name}({ … })\`, or take "${hook}" out of \`hooks\` in plugin.toml`);
    }
    if (!wanted.includes(hook) && exported.includes(name)) {
      fail(`${entry} exports the hook ${hook}, which plugin.toml does not name: add "${hook}" to \`hooks\``);
    }
  }
}

/** All modules as one, left beside the component for whoever looks for a place; what is imported from the contract stays an import. */
async function bundle() {
  let bundled;
  try {
    bundled = await build({
      entryPoints: [entry],
      absWorkingDir: given.project,
      bundle: true,
      outfile: join(dirname(given.out), "plugin.js"),
      metafile: true,
      format: "esm",
      target: "es2023",
      external: ["dialogo:plugin/*"],
      alias: { "dialogo-plugin": join(given.sdk, "index.ts") },
      logLevel: "error",
    });
  } catch {
    fail("the plugin's modules cannot be bundled; what is wrong stands above");
  }
  compare(Object.values(bundled.metafile.outputs)[0].exports);
  return readFile(join(dirname(given.out), "plugin.js"), "utf8");
}

/** The component; its heap is as the main module leaves it, so what that computes costs nothing in a call. */
async function component(source) {
  try {
    const { component } = await componentize({
      witPath: given.wit,
      world: given.world,
      jsSource: source,
      stubWasi: true,
      sync: true,
    });
    return component;
  } catch (fault) {
    const lacking = /module 'dialogo:plugin\/([a-z-]+)@/.exec(fault.message)?.[1];
    if (lacking) {
      fail(`it imports \`${lacking}\` without permission: add "${lacking}" to \`permissions\` in plugin.toml`);
    }
    fail(`the component cannot be made: ${fault.message.replace(/^[:\s]+/, "")}`);
  }
}

/** What the types say is wrong; nothing when the project does not ask for types. */
function types() {
  if (!existsSync(join(given.project, "tsconfig.json"))) return "";
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const args = [join(typescript, "bin/tsc"), "--noEmit", "--pretty", "false", "--project", given.project];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: given.project }, (fault, said) => {
      if (fault && typeof fault.code !== "number") reject(fault);
      resolve(fault ? said || String(fault) : "");
    });
  });
}

if (!entry) {
  fail(`${given.project} has neither src/plugin.ts nor src/plugin.js: a project begins with one of them`);
}
const [wrong, made] = await Promise.all([types(), bundle().then(component)]);
if (wrong) fail(`${wrong}the types do not fit the contract or each other; places are relative to ${given.project}`);
await writeFile(given.out, made);
