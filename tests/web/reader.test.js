import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraReader } from "../../fer_core/web/js/reader.js";

const settled = () => new Promise((done) => setImmediate(done));

/** A camera whose pictures a test gives by hand, and a worker that answers when it is told to. */
function rig({ width = 640, height = 480 } = {}) {
  const video = {
    videoWidth: width,
    videoHeight: height,
    readyState: 4,
    requestVideoFrameCallback(shown) {
      this.shown = shown;
    },
  };
  /** @type {any[]} */
  const asked = [];
  const reader = {
    ask: (what, value) => new Promise((done) => asked.push({ what, value, done })),
  };
  /** @type {any} */ (globalThis).VideoFrame = class {};
  /** @type {number[]} */
  const taken = [];
  const camera = new CameraReader(
    /** @type {any} */ (reader),
    /** @type {any} */ (video),
    (_found, at) => taken.push(Math.round(at - performance.timeOrigin)),
  );
  camera.start();
  const give = async (captureTime) => {
    /** @type {any} */ (video).shown(captureTime, { captureTime });
    await settled();
  };
  return { camera, asked, taken, give };
}

test("of a camera of 30 pictures a second 20 are read, whether or not it keeps time", async () => {
  for (const late of [() => 0, (k) => ((k * 7) % 5) - 2]) {
    const { asked, give, camera } = rig();
    for (let k = 0; k < 90; k += 1) {
      await give(1000 + (k * 1000) / 30 + late(k));
      asked.at(-1).done({});
    }
    camera.stop();
    assert.ok(Math.abs(asked.length - 60) <= 2, `${asked.length} of 90`);
  }
});

test("of a slow camera every picture is read", async () => {
  const { asked, give } = rig();
  for (let k = 0; k < 30; k += 1) {
    await give(1000 + (k * 1000) / 15);
    asked.at(-1).done({});
  }
  assert.equal(asked.length, 30);
});

test("one picture waits while two are read, and a fourth is not taken", async () => {
  const { asked, give, taken } = rig();
  for (const at of [1000, 1100, 1200, 1300]) await give(at);
  assert.deepEqual(
    asked.map(({ value }) => value.tMs),
    [1000, 1100, 1200],
  );
  asked[0].done({});
  await settled();
  await give(1400);
  assert.equal(asked.at(-1).value.tMs, 1400);
  assert.deepEqual(taken, [1000]);
});

test("a picture that failed makes room for the next", async () => {
  const { asked, give, camera } = rig();
  const failed = [];
  camera.failed = (error) => failed.push(error.message);
  camera.reader.ask = () => Promise.reject(new Error("no"));
  for (const at of [1000, 1100, 1200]) await give(at);
  assert.deepEqual(failed, ["no", "no", "no"]);
  assert.equal(asked.length, 0);
});

test("a large picture is read at 640 pixels of its longer side", async () => {
  const { asked, give } = rig({ width: 720, height: 1280 });
  await give(1000);
  const { width, height } = asked[0].value;
  assert.deepEqual([width, height], [360, 640]);
});
