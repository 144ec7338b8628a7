// What a device may send again: a server that is full or slow takes it later.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.location = { pathname: "/r/x" };
globalThis.document = { documentElement: { lang: "en" }, getElementById: () => null };

test("only what would be refused again is given up", async () => {
  const { Refused } = await import("../../../../dashboard/camera/respondents/page/server.js");
  const final = (status) => new Refused("No.", "", status).final;
  for (const status of [400, 403, 409, 410, 422]) assert.ok(final(status), `${status}`);
  for (const status of [0, 408, 429, 500, 502, 503]) assert.ok(!final(status), `${status}`);
});
