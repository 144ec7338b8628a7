// What a person reads when the browser gives no camera.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CameraError,
  openCamera,
  stopTracks,
} from "../../../../dashboard/camera/connection/camera.js";

const NAMES = [
  "NotAllowedError",
  "SecurityError",
  "NotFoundError",
  "OverconstrainedError",
  "NotReadableError",
  "AbortError",
];

for (const name of NAMES) {
  test(`${name} is told with a reason and a way out`, () => {
    const error = new CameraError({ name, message: "of the browser" });
    assert.doesNotMatch(`${error.message} ${error.why}`, /of the browser|could not be started/);
    assert.match(error.hint("try again"), /^[A-Z].*, then try again\.$/);
  });
}

test("only a person's or a site's no counts as denied", () => {
  const denied = NAMES.filter((name) => new CameraError({ name }).denied);
  assert.deepEqual(denied, ["NotAllowedError", "SecurityError"]);
});

test("an error that nobody knows is told in the browser's words, not at full length", () => {
  const error = new CameraError({ name: "Odd", message: "x".repeat(900) });
  assert.equal(error.message, "The camera could not be started");
  assert.equal(error.why.length, 200);
  assert.equal(new CameraError(undefined).why, "The browser did not say why.");
});

test("a camera is opened without sound, and its refusal becomes a camera error", async (t) => {
  const asked = [];
  const getUserMedia = async (wanted) => {
    asked.push(wanted);
    throw Object.assign(new Error("no"), { name: "NotFoundError" });
  };
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia }, configurable: true });
  t.after(() => delete navigator.mediaDevices);
  await assert.rejects(openCamera({ width: 640 }), (error) => {
    assert.equal(error.message, "No camera was found");
    return error.cause.name === "NotFoundError";
  });
  assert.deepEqual(asked, [{ video: { width: 640 }, audio: false }]);
});

test("letting a camera go is not taken for its loss", () => {
  const track = { onended: () => assert.fail("lost"), stopped: false };
  track.stop = () => {
    track.stopped = true;
    track.onended?.();
  };
  stopTracks({ getTracks: () => [track] });
  assert.equal(track.stopped, true);
  stopTracks(null);
});
