// What a press on the curve takes hold of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, gripOf, stretchOf } from "../../../../dashboard/audience/replay/player/pointer.js";

const press = { x: 200, y: 40, cursor: 100, floor: 90, touch: false };

test("a drag on the curve chooses a stretch; the cursor, the axis and a finger move the time", () => {
  assert.equal(gripOf(press), "stretch");
  assert.equal(gripOf({ ...press, x: 106 }), "cursor");
  assert.equal(gripOf({ ...press, y: 95 }), "cursor");
  assert.equal(gripOf({ ...press, touch: true }), "cursor");
});

test("a stretch is in order, and a tremble is none", () => {
  assert.deepEqual(stretchOf(9000.4, 4000), { from: 4000, to: 9000 });
  assert.equal(stretchOf(4000, 4100), null);
});

test("a finger moves the time; one that rests first chooses a stretch", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const chart = { getBoundingClientRect: () => ({ left: 10, top: 0 }), setPointerCapture() {} };
  const curve = { at: 0, floor: 90, ms: (x) => 10 * x, hover() {} };
  follow(chart, curve, {
    seek: (ms) => told.push(["seek", ms]),
    drag: (one, other) => told.push(["drag", one, other]),
    done: (one, other) => told.push(["done", one, other]),
  });
  const at = (x) => ({ button: 0, pointerId: 1, pointerType: "touch", clientX: x, clientY: 40 });
  chart.onpointerdown(at(210));
  chart.onpointermove(at(310));
  t.mock.timers.tick(1000);
  chart.onpointerup(at(310));
  assert.deepEqual(told.splice(0), [
    ["seek", 2000],
    ["seek", 3000],
  ]);
  chart.onpointerdown(at(210));
  t.mock.timers.tick(1000);
  chart.onpointermove(at(310));
  chart.onpointerup(at(310));
  assert.deepEqual(told.splice(0), [
    ["seek", 2000],
    ["drag", 2000, 2000],
    ["drag", 2000, 3000],
    ["done", 2000, 3000],
  ]);
  chart.onpointerdown(at(210));
  chart.onpointercancel();
  t.mock.timers.tick(1000);
  assert.deepEqual(told, [["seek", 2000]]);
});

test("a click goes there, a drag tells its stretch once it ends", () => {
  const told = [];
  const chart = { getBoundingClientRect: () => ({ left: 10, top: 0 }), setPointerCapture() {} };
  const curve = { at: 0, floor: 90, ms: (x) => 10 * x, hover() {} };
  follow(chart, curve, {
    seek: (ms) => told.push(["seek", ms]),
    drag: (one, other) => told.push(["drag", one, other]),
    done: (one, other) => told.push(["done", one, other]),
  });
  const at = (x) => ({ button: 0, pointerId: 1, pointerType: "mouse", clientX: x, clientY: 40 });
  chart.onpointerdown(at(210));
  chart.onpointermove(at(212));
  chart.onpointerup(at(212));
  assert.deepEqual(told.splice(0), [["seek", 2020]]);
  chart.onpointerdown(at(210));
  chart.onpointermove(at(310));
  chart.onpointerup(at(312));
  assert.deepEqual(told, [
    ["drag", 2000, 3000],
    ["done", 2000, 3020],
  ]);
});
