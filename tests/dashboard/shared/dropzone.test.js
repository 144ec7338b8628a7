// What a person reads of a file that is on its way.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as folders from "../../../dashboard/shared/web/upload/folders.js";
import * as words from "../../../dashboard/shared/web/upload/words.js";

test("sizes have a unit that keeps them short", () => {
  assert.equal(words.size(999), "999 B");
  assert.equal(words.size(12_300), "12 kB");
  assert.equal(words.size(12_300_000), "12.3 MB");
  assert.equal(words.size(2.5e12), "2500.0 GB");
});

test("the time left is rough where it is long, and unsaid where it is not known", () => {
  assert.equal(words.left(Infinity), "");
  assert.equal(words.left(0.2), "1 s left");
  assert.equal(words.left(150), "about 3 min left");
  assert.equal(words.left(5400), "about 1.5 h left");
});

const file = (state, more = {}) => ({ state, sent: 0, blob: { size: 100 }, ...more });

test("one line speaks for many files", () => {
  const files = [
    file("sending", { sent: 50, rate: 10 }),
    file("waiting"),
    file("failed"),
    file("done", { duplicate: true, study: "Autumn" }),
    file("done", { duplicate: true, study: "Spring" }),
    file("done", { duplicate: true, study: "", added: "Spring" }),
  ];
  const { line, busy, free } = words.together(files, { total: 30 }, "Spring");
  assert.equal(line, "28 of 30 sent · 15 s left · 3 already here · 1 not taken");
  assert.equal(busy, true);
  assert.deepEqual(free, [files[3]]);
  assert.deepEqual(words.together(files, { total: 30 }, "").free, []);
});

test("a folder gives its recordings in the order of their names, and nothing hidden", () => {
  const names = ["/a/take 10.mp4", "/a/take 2.MP4", "/a/.hidden.mp4", "/a/notes.txt"];
  const kept = names.filter((path) => folders.wanted(path, [".mp4", ".mov"]));
  const order = folders.ordered(kept.map((path) => ({ path }))).map((one) => one.path);
  assert.deepEqual(order, ["/a/take 2.MP4", "/a/take 10.mp4"]);
});
