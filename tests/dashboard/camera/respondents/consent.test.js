// What a respondent is told before they agree.

import assert from "node:assert/strict";
import { test } from "node:test";

Object.defineProperty(globalThis, "location", { value: { pathname: "/r/x" } });
const { facts } = await import("../../../../dashboard/camera/respondents/page/consent.js");

test("it says what is read: the head's pose, not where somebody looks", () => {
  for (const keeps of [true, false]) {
    const { kept } = facts({ keeps, recipient: "" }, true);
    assert.match(kept, /how your head is turned/);
    assert.doesNotMatch(kept, /where you look/);
    assert.equal(/pictures of your face/.test(kept), keeps);
  }
});

test("it says by name whom the numbers go to, and no address", () => {
  const { where } = facts({ keeps: false, recipient: "Acme Research" }, true);
  assert.equal(where, "To Acme Research only, over an encrypted connection.");
  assert.equal(facts({ keeps: false }, false).where, "To those who sent you this link only.");
});
