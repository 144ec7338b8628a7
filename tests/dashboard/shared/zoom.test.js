// One zoom for all charts of a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { rangeOf, same, TimeZoom } from "../../../dashboard/shared/charts/zoom.js";

test("a time axis' ends are read in ms, however Plotly writes them", () => {
  const ends = [
    ["1970-01-01 00:00:06", "1970-01-01 00:00:16.25"],
    ["1970-01-01T00:00:06", "1970-01-01T00:00:16.250Z"],
    [6000, 16250],
  ];
  for (const range of ends) assert.deepEqual(rangeOf({ range }), [6000, 16250]);
  assert.deepEqual(rangeOf({ range: ["1970-01-01", "1970-01-01 00:01"] }), [0, 60000]);
  assert.ok(same([6000, 16250], [6000.4, 16250]));
  assert.ok(!same([6000, 16250], [6000, 16252]));
});

test("a zoom reaches the other charts alone, until they leave", () => {
  const zoom = new TimeZoom();
  const told = [];
  const [one, two, three] = ["one", "two", "three"].map((name) => ({
    to: (range) => told.push([name, range]),
  }));
  for (const chart of [one, two, three]) zoom.join(chart);
  zoom.share(one, [0, 5]);
  zoom.leave(two);
  zoom.share(three, null);
  assert.deepEqual(told, [
    ["two", [0, 5]],
    ["three", [0, 5]],
    ["one", null],
  ]);
});
