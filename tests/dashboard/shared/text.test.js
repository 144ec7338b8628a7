// Moments, counts and shares as the pages write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, counted, percent, signed } from "../../../dashboard/shared/web/text.js";

test("a moment has hours only where it needs them", () => {
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(59_999), "0:59");
  assert.equal(clockText(62_000), "1:02");
  assert.equal(clockText(3_661_000), "1:01:01");
  assert.equal(clockText(-5), "0:00");
});

test("tenths are cut, not rounded: a moment never shows one that is still to come", () => {
  assert.equal(clockText(59_990, true), "0:59.9");
  assert.equal(clockText(3_661_050, true), "1:01:01.0");
});

test("counts, shares and signs", () => {
  assert.equal(counted(1, "viewer", "viewers"), "1 viewer");
  assert.equal(counted(0, "viewer", "viewers"), "0 viewers");
  assert.equal(percent(0.004), "< 1 %");
  assert.equal(percent(0), "0 %");
  assert.equal(percent(0.126), "13 %");
  assert.equal(signed(-1), "−1");
});
