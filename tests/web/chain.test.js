import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../../fer_core/web/js/chain.js";

const settled = () => new Promise((done) => setImmediate(done));

/** A chain that finds one face in every picture; a test says when its eyes are read. */
function rig() {
  const table = {
    eyes: { hz: 16, smallest: 1 },
    readings: ["ear"],
    card: { crop: {} },
    follow: {},
  };
  /** @type {any[]} */
  const reading = [];
  const apart = { read: () => new Promise((done, fail) => reading.push({ done, fail })) };
  const chain = /** @type {any} */ (Object.create(Chain.prototype));
  Object.assign(chain, { table, apart, eyes: apart, slot: -1, others: 0 });
  chain.follow = async (_seen, tMs) => [{ viewer: 1, face: { tMs } }];
  chain.readFace = (_seen, viewer, { tMs }) => {
    const seven = Promise.resolve([1]);
    const read = Promise.all([seven, apart.read()]).then(([, eyes]) => ({ viewer, tMs, eyes }));
    return { seven, read };
  };
  const begin = (tMs) => chain.begin(new Uint8ClampedArray(16), 2, 2, tMs);
  return { chain, begin, reading };
}

test("the next picture begins while another thread still reads the eyes of the last", async () => {
  const { begin, reading } = rig();
  const first = await begin(0);
  const second = await begin(100);
  assert.equal(reading.length, 2);
  reading[1].done("open");
  reading[0].done("shut");
  assert.deepEqual(await first.faces, [{ viewer: 1, tMs: 0, eyes: "shut" }]);
  assert.deepEqual(await second.faces, [{ viewer: 1, tMs: 100, eyes: "open" }]);
});

test("where one thread reads all, a picture waits for the eyes of the last", async () => {
  const { chain, begin, reading } = rig();
  chain.apart = null;
  let begun = false;
  const first = begin(0).then((one) => {
    begun = true;
    return one;
  });
  await settled();
  assert.equal(begun, false);
  reading[0].done("shut");
  assert.deepEqual(await (await first).faces, [{ viewer: 1, tMs: 0, eyes: "shut" }]);
});

test("eyes that cannot be read fail their own picture alone", async () => {
  const { begin, reading } = rig();
  const first = await begin(0);
  const second = await begin(100);
  reading[0].fail(new Error("no"));
  reading[1].done("open");
  await assert.rejects(first.faces, /no/);
  assert.equal((await second.faces)[0].eyes, "open");
});
