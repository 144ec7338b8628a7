// What the pages' components share: one instance a place, remembered choices, ids.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  mountOnce,
  randomId,
  remember,
  remembered,
} from "../../../dashboard/shared/web/component.js";

test("a rerun of the page sets the instance that is there; leaving closes it", () => {
  const made = [];
  class Kind {
    constructor() {
      made.push(this);
      this.given = [];
    }
    set(data) {
      this.given.push(data);
    }
    close() {
      this.closed = true;
    }
  }
  const mount = mountOnce(Kind);
  const parentElement = {};
  mount({ data: 1, parentElement });
  const leave = mount({ data: 2, parentElement });
  assert.equal(made.length, 1);
  assert.deepEqual(made[0].given, [1, 2]);
  leave();
  assert.equal(made[0].closed, true);
  mount({ data: 3, parentElement });
  assert.equal(made.length, 2);
});

function withStorage(t, storage) {
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  t.after(() => delete globalThis.localStorage);
}

test("choices are remembered over the usual ones", (t) => {
  const kept = new Map();
  withStorage(t, { getItem: (key) => kept.get(key) ?? null, setItem: (k, v) => kept.set(k, v) });
  assert.deepEqual(remembered("a", { boxes: true }), { boxes: true });
  remember("a", { boxes: false });
  assert.deepEqual(remembered("a", { boxes: true, names: true }), { boxes: false, names: true });
});

test("a browser without storage, or with rubbish in it, has the usual choices", (t) => {
  const refuse = () => {
    throw new Error("denied");
  };
  withStorage(t, { getItem: refuse, setItem: refuse });
  remember("a", { boxes: false });
  assert.deepEqual(remembered("a", { boxes: true }), { boxes: true });
  withStorage(t, { getItem: () => "{half" });
  assert.deepEqual(remembered("a", { boxes: true }), { boxes: true });
});

test("ids are long enough never to meet", () => {
  assert.match(randomId(8), /^[0-9a-f]{16}$/);
  assert.notEqual(randomId(), randomId());
});
