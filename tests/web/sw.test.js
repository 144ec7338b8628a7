import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const SCRIPT = readFileSync(new URL("../../fer_core/web/js/sw.js", import.meta.url), "utf-8");

/** What the worker answers to a request for an address below the folder's, without any network. */
async function answer(path) {
  const listeners = {};
  const kept = { "index.html": "the page", "licences.txt": "licences" };
  const name = (asked) => (asked.url ? new URL(asked.url).pathname.slice("/site/".length) : asked);
  const caches = { match: async (asked) => kept[name(asked)] };
  const self = { addEventListener: (what, does) => (listeners[what] = does) };
  const fetch = async () => "no network";
  new Function("self", "caches", "fetch", SCRIPT)(self, caches, fetch);
  let said;
  const request = { url: `https://here/site/${path}`, mode: "navigate" };
  listeners.fetch({ request, respondWith: (one) => (said = one) });
  return said;
}

test("the folder's own address is its page, and files are themselves", async () => {
  assert.equal(await answer(""), "the page");
  assert.equal(await answer("?camera"), "the page");
  assert.equal(await answer("licences.txt"), "licences");
  assert.equal(await answer("other.html"), "no network");
});
