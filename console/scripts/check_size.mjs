// The first load (index.html, its scripts and styles, gzipped) must stay within the budget, and nothing in the build may
// name a foreign host to load from.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const kFirstLoadBytesMax = 180 * 1024;
const dist = new URL("../dist/", import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));

const first = new Set(["index.html"]);
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const style of chunk.css ?? []) first.add(style);
  for (const imported of chunk.imports ?? []) visit(imported);
};
visit("index.html");

let total = 0;
for (const file of first) total += gzipSync(readFileSync(join(dist, file))).length;
console.log(
  `first load: ${(total / 1024).toFixed(1)} KB gzipped in ${first.size} files (at most ${kFirstLoadBytesMax / 1024})`,
);
if (total > kFirstLoadBytesMax) {
  console.error("check_size: the first load is over its budget: load more of it lazily");
  process.exit(1);
}

const html = readFileSync(join(dist, "index.html"), "utf8");
const foreign = html.match(/(?:src|href)="(?:https?:)?\/\/[^"]*"/g) ?? [];
const inline = html.match(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle="|\son[a-z]+="/g) ?? [];
for (const file of readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".css"))) {
  foreign.push(
    ...(readFileSync(join(dist, "assets", file), "utf8").match(/(?:url\(|@import)\s*["']?(?:https?:)?\/\/[^)]*/g) ??
      []),
  );
}
if (foreign.length > 0 || inline.length > 0) {
  console.error("check_size: the build loads from outside or holds inline code:", [...foreign, ...inline].join(" "));
  process.exit(1);
}
