// The map's faces and the area drawn on it.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  circle,
  countWithin,
  facesOf,
  fewer,
  sizeOf,
} from "../../../../dashboard/lab/mistakes/area.js";

const text = (values) => Buffer.from(values.buffer).toString("base64");

test("faces come as whole numbers and stand at shares of the plane", () => {
  const places = text(new Uint16Array([0, 65535, 32768, 0]));
  const faces = facesOf(places, text(new Uint8Array([1, 2, 255, 3, 3, 128])));
  assert.equal(faces.n, 2);
  assert.deepEqual([...faces.y], [1, 0]);
  assert.ok(Math.abs(faces.x[1] - 0.5) < 1e-4);
  assert.deepEqual(
    [[...faces.truth], [...faces.guess], [...faces.sure]],
    [
      [1, 3],
      [2, 3],
      [255, 128],
    ],
  );
});

test("a path of many corners is thinned to as many as an address holds", () => {
  const path = circle(0.5, 0.5, 0.25, 1000);
  const thin = fewer(path, 120);
  assert.equal(thin.length, 120);
  assert.ok(Math.abs(sizeOf(thin) / sizeOf(path) - 1) < 0.01);
  assert.equal(fewer(thin, 120), thin);
});

test("faces within an area are counted, a notch in it left out", () => {
  const faces = { n: 3, x: [0.2, 0.5, 0.8], y: [0.5, 0.7, 0.5] };
  const notched = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0.5, 0.3],
    [0, 1],
  ];
  assert.equal(countWithin(faces, notched), 2);
  assert.equal(countWithin(faces, circle(0.2, 0.5, 0.05)), 1);
});
