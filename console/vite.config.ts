import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { emojiData, keptFolder } from "./vite.plugins";

// Where a desk runs while the console is being worked on.
const desk = process.env.DIALOGO_DESK ?? "http://127.0.0.1:7070";
const proxy = { "/api": { target: desk, ws: true, changeOrigin: false } };

// The engine sends the same policy: `preview` shows what it would forbid.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export default defineConfig({
  // Relative, so that the engine may serve the console under any path.
  base: "./",
  plugins: [svelte(), emojiData(), keptFolder()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy },
  preview: { proxy, headers: { "Content-Security-Policy": policy } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
