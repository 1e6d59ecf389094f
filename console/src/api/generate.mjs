// Writes `schema.ts` from `openapi.json`: `npm run api`. With an address of a running desk the document is fetched anew:
// `npm run api http://127.0.0.1:7070`.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("openapi.json", import.meta.url);
const desk = process.argv[2];
if (desk) {
  const fetched = await fetch(new URL("/api/v1/openapi.json", desk)).then((answer) => answer.json());
  writeFileSync(document, `${JSON.stringify(fetched, null, 1)}\n`);
}

const { openapi, info, components } = JSON.parse(readFileSync(document, "utf8"));
// The calls are named in `desk.ts`; what is generated is what goes in and out of them.
const types = await openapiTS({ openapi, info, components: { schemas: components.schemas }, paths: {} });
writeFileSync(new URL("schema.ts", import.meta.url), `// Generated from openapi.json by \`npm run api\`; not edited by hand.\n${astToString(types)}`);
