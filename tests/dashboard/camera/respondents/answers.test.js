// What counts as an answer: the same cases as the server's rules.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isShown, wrong } from "../../../../dashboard/camera/respondents/page/answers.js";

const cases = JSON.parse(readFileSync(new URL("../../../course/answers.json", import.meta.url)));

for (const { question, cases: given } of cases) {
  test(`${question.kind} takes its answers and no others`, () => {
    for (const [value, why] of given) assert.equal(wrong(question, value), why);
  });
}

test("a question is shown by an answer, also one of several", () => {
  const question = { shown_if: { question: "pets", answers: ["dog", "3"] } };
  assert.equal(isShown(question, {}), false);
  assert.equal(isShown(question, { pets: ["cat", "dog"] }), true);
  assert.equal(isShown(question, { pets: 3 }), true);
  assert.equal(isShown({}, {}), true);
});
