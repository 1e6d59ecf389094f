// Makes `sdk/js/types` from the contract: `npm install --no-save && npm run generate` here; `-- --check` only says whether
// they are what they should be. They are kept in the repository, so that a partner's editor knows them before anything
// is installed.

import { $init, generateTypes } from "@bytecodealliance/jco-transpile/component";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "../js/types");

await $init;
const files = new Map(
  generateTypes("contract", {
    wit: { tag: "source", val: readFileSync(join(here, "../wit/dialogo-plugin.wit"), "utf8") },
    world: "host-all",
    guest: true,
    tlaCompat: false,
    strict: false,
    features: { tag: "list", val: [] },
    flagsAsBigint: false,
    variantsInlineCases: false,
    useNamespaceObjects: false,
    enumValuesScreamingSnakeCase: false,
  })
    // The world exports everything at once, which no plugin does; what counts are its interfaces.
    .filter(([name]) => name.startsWith("interfaces/"))
    .map(([name, bytes]) => [name.slice("interfaces/".length), Buffer.from(bytes).toString("utf8")]),
);

const present = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const names = new Set([...files.keys(), ...present.keys()]);
const stale = [...names].filter((name) => files.get(name) !== present.get(name));
if (process.argv.includes("--check")) {
  if (stale.length > 0) {
    console.error(`sdk/js/types is not what sdk/wit says (${stale.join(", ")}): run \`npm run generate\` in sdk/types`);
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  console.log(`${files.size} files in sdk/js/types, ${stale.length} changed`);
}
