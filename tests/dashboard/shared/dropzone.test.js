// What a person reads of a file that is on its way.

import assert from "node:assert/strict";
import { before, test } from "node:test";

let dropzone;
before(async () => {
  globalThis.window = { addEventListener() {} };
  dropzone = await import("../../../dashboard/shared/web/dropzone.js");
});

test("sizes have a unit that keeps them short", () => {
  assert.equal(dropzone.size(999), "999 B");
  assert.equal(dropzone.size(12_300), "12 kB");
  assert.equal(dropzone.size(12_300_000), "12.3 MB");
  assert.equal(dropzone.size(2.5e12), "2500.0 GB");
});

test("the time left is rough where it is long, and unsaid where it is not known", () => {
  assert.equal(dropzone.left(Infinity), "");
  assert.equal(dropzone.left(0.2), "1 s left");
  assert.equal(dropzone.left(150), "about 3 min left");
  assert.equal(dropzone.left(5400), "about 1.5 h left");
});
