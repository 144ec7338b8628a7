// A live run as the page asks the server for it; `fetch` is the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveRun } from "../../../../dashboard/camera/live/server.js";
import { Refused } from "../../../../dashboard/camera/live/words.js";

/** Answers in order; what was asked is kept. */
function served(t, ...answers) {
  const asked = [];
  t.mock.method(globalThis, "fetch", async (url, how = {}) => {
    asked.push({ url, ...how, body: how.body && JSON.parse(how.body) });
    const next = answers.shift();
    if (next instanceof Error) throw next;
    const [status, body] = next;
    return new Response(body === null ? null : JSON.stringify(body), { status });
  });
  return asked;
}

async function begun(t, ...answers) {
  const asked = served(t, [200, { run: "r1", key: "k1", answer: { type: "answer" } }], ...answers);
  const run = new LiveRun();
  await run.begin({ name: "Room" }, "secret");
  return { run, asked };
}

test("a session begins with the page's secret, and every later request has the run's own key", async (t) => {
  const { run, asked } = await begun(t, [200, { t: 0 }], [200, {}]);
  await run.look("&late=40");
  await run.do({ do: "pause" });
  assert.equal(asked[0].headers["x-rapt-token"], "secret");
  assert.deepEqual(asked[0].body, { name: "Room" });
  assert.equal(asked[1].url, "/live/r1?k=k1&since=-1&late=40");
  assert.equal(asked[2].url, "/live/r1/do?k=k1");
  assert.deepEqual(asked[2].body, { do: "pause", since: -1 });
});

test("a refusal carries the server's words", async (t) => {
  served(t, [429, { error: "4 live sessions run.", hint: "Wait." }]);
  await assert.rejects(new LiveRun().begin({}, ""), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.words, ["4 live sessions run.", "Wait."]);
    return true;
  });
});

test("a server that does not answer is waited for; one that knows nothing of the run ends it", async (t) => {
  const { run } = await begun(t, new TypeError("network"), [500, {}], [404, null]);
  assert.equal(await run.look(), null);
  assert.equal(await run.look(), null);
  assert.equal(run.ended, false);
  assert.equal(await run.look(), null);
  assert.equal(run.ended, true);
});

test("a marker is set to the session's clock by the quickest answer", (t) => {
  t.mock.method(performance, "now", () => 10_000);
  const run = new LiveRun();
  run.heard = 10_000;
  run.tune(4000, 9800); // 200 ms on the way: the session's zero is at 5900
  run.heard = 9000;
  run.tune(3000, 8980); // 20 ms on the way: zero at 5990
  assert.equal(run.now, 4010);
});

test("nothing is asked before the session began", async () => {
  const run = new LiveRun();
  assert.equal(await run.look(), null);
  assert.equal(await run.do({ do: "stop" }), null);
  run.leave();
});

test("a reloaded page finds the session that it left, once", async (t) => {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const beacon = { value: { sendBeacon: () => true }, configurable: true };
  Object.defineProperty(globalThis, "navigator", beacon);
  t.after(() => delete globalThis.sessionStorage);
  assert.equal(LiveRun.left(), null);
  const { run, asked } = await begun(t, [200, { t: 0, state: "ended" }]);
  run.leave();
  const back = LiveRun.left();
  assert.equal((await back.look()).state, "ended");
  assert.equal(asked[1].url, "/live/r1?k=k1&since=-1");
  assert.equal(LiveRun.left(), null);
});
