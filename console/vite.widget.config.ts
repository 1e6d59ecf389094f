import { defineConfig } from "vite";
import { keptFolder } from "./vite.plugins";

// What a site's page loads: one classic script with everything inside, put beside the console's files.
export default defineConfig({
  publicDir: false,
  plugins: [keptFolder()],
  build: {
    // Older targets get helpers outside the function: names in the page that are not ours to take.
    target: "es2022",
    emptyOutDir: false,
    lib: { entry: "src/widget/main.ts", formats: ["iife"], name: "dialogoWidget", fileName: () => "widget.js" },
  },
});
