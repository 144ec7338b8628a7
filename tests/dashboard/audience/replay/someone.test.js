// Who can be made someone else at the playhead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Overlay } from "../../../../dashboard/audience/replay/player/overlay.js";
import { Someone, viewersOf } from "../../../../dashboard/audience/replay/player/someone.js";

const rows = {
  t: [0, 40, 80],
  start: [0, 2, 2, 4],
  viewer: [3, 1, 3, -1],
  box: Array(16).fill(10),
  usable: [1, 1, 1, 0],
  p: Array(28).fill(-1),
};

function overlay() {
  const one = new Overlay(null, null, null);
  one.rows = { at: () => rows };
  return one;
}

test("each viewer once, in order; who has no number is nobody", () => {
  assert.deepEqual(
    viewersOf([{ viewer: 3 }, { viewer: -1 }, { viewer: 1 }, { viewer: 3 }]),
    [1, 3],
  );
});

test("the faces of the frame that is shown, with that frame's own time", () => {
  const { faces, t } = overlay().at(93);
  assert.equal(t, 80);
  assert.deepEqual(viewersOf(faces), [3]);
  assert.deepEqual(viewersOf(overlay().at(39).faces), [], "the frame at 40 ms has nobody");
  assert.deepEqual(viewersOf(overlay().at(20).faces), [1, 3]);
});

test("a frame that is long gone speaks for nobody", () => {
  assert.deepEqual(overlay().at(5000), { faces: [], t: 5000 });
});

/** A player's part that has just been set up, and what it says. */
function fresh() {
  const said = [];
  const asked = [];
  const root = { querySelector: () => ({}) };
  const one = new Someone(
    root,
    (what) => asked.push(what),
    (words, undo) => said.push({ words, undo }),
  );
  return { one, said, asked };
}

const answered = {
  viewers: {},
  splits: [{ viewer: 1, t: 5000, into: 3 }],
  asked_split: { id: "a1", viewer: 1, t: 5000 },
};

test("a split is said once, also by a player that was set up anew after asking", () => {
  const { one, said, asked } = fresh();
  one.set({ ...answered, asked_split: null });
  assert.equal(said.length, 0, "asked for on another day");
  one.set(answered);
  one.set(answered);
  assert.deepEqual(
    said.map(({ words }) => words),
    ["From 0:05.0 on viewer 1 is viewer 3."],
  );
  said[0].undo();
  assert.deepEqual(asked, [{ do: "unsplit", viewer: 1, t: 5000 }]);
  one.set({ ...answered, asked_split: { ...answered.asked_split, id: "a2" } });
  assert.equal(said.length, 2, "the same split asked for again");
});

test("a split that was refused or undone is not said", () => {
  const { one, said } = fresh();
  one.set({ ...answered, splits: [] });
  assert.equal(said.length, 0);
});

test("a player that is opened later says it no more", (t) => {
  const kept = new Map();
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  const value = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, to) => kept.set(key, to),
  };
  Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  t.after(() => {
    if (before) Object.defineProperty(globalThis, "localStorage", before);
    else delete globalThis.localStorage;
  });
  const first = fresh();
  first.one.set(answered);
  assert.equal(first.said.length, 1);
  const later = fresh();
  later.one.set(answered);
  assert.equal(later.said.length, 0);
  later.one.set({ ...answered, asked_split: { ...answered.asked_split, id: "a9" } });
  assert.equal(later.said.length, 1, "asked for since");
});
