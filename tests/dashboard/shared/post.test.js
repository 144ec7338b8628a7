// What is posted to a server of ours, and how its answer is read; `fetch` is the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "../../../dashboard/shared/web/post.js";

function served(t, status, body) {
  const fetched = t.mock.method(globalThis, "fetch", async () => new Response(body, { status }));
  return () => fetched.mock.calls[0].arguments;
}

test("a value goes out as JSON, with the page's secret where there is one", async (t) => {
  const asked = served(t, 200, '{"left": 3}');
  const answer = await post("/lab/faces", { session: "s1" }, { token: "secret" });
  assert.deepEqual(answer, { ok: true, status: 200, said: { left: 3 } });
  const [url, { method, headers, body, keepalive }] = asked();
  assert.deepEqual([url, method, keepalive], ["/lab/faces", "POST", false]);
  assert.deepEqual(headers, { "content-type": "application/json", "x-rapt-token": "secret" });
  assert.deepEqual(JSON.parse(body), { session: "s1" });
});

test("without a secret no header names one", async (t) => {
  const asked = served(t, 200, "{}");
  await post("/r/x/end", {}, { keepalive: true });
  assert.deepEqual(Object.keys(asked()[1].headers), ["content-type"]);
  assert.equal(asked()[1].keepalive, true);
});

test("a refusal without JSON is still an answer", async (t) => {
  served(t, 502, "<html>");
  assert.deepEqual(await post("/live", {}), { ok: false, status: 502, said: {} });
});
