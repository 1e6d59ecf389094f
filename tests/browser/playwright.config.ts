import { defineConfig } from "@playwright/test";
import { chromium, leftovers } from "./world/machine";

export default defineConfig({
  testDir: "journeys",
  outputDir: leftovers,
  globalSetup: "./world/template.ts",
  reporter: [["list"], ["./world/report.ts"]],
  fullyParallel: true,
  workers: 2,
  // A race is a bug to be found, not one to be tried again.
  retries: 0,
  forbidOnly: true,
  // On a busy machine everything may be slow; nothing waits longer than it must.
  timeout: 240_000,
  expect: { timeout: 20_000 },
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    locale: "pt-BR",
    timezoneId: "America/Sao_Paulo",
    viewport: { width: 1440, height: 820 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "journeys", testIgnore: /speed/u },
    // What is measured has the machine for itself.
    { name: "speed", testMatch: /speed/u, dependencies: ["journeys"], fullyParallel: false },
  ],
});
