import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the console from source against a running server: TUNDISH_URL=http://127.0.0.1:8080.
const server = process.env.TUNDISH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Every asset is a file of its own: the content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: { "/api": { target: server, ws: true }, "/healthz": server, "/readyz": server },
  },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    environment: "node",
    reporters: process.env.TUNDISH_RESULTS ? ["default", "junit"] : ["default"],
    ...(process.env.TUNDISH_RESULTS ? { outputFile: { junit: `${process.env.TUNDISH_RESULTS}/40-console.xml` } } : {}),
  },
});
