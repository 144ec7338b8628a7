// What counts as an answer, before it is sent: the rules of fer_core/course/questions.py, which the
// server goes by. Both are held to tests/course/answers.json.

const KINDS = {
  one: (q, v) => keys(q).includes(v) || "Please choose one of these answers.",
  several: (q, v) =>
    (different(v) && v.every((one) => keys(q).includes(one))) ||
    "Please choose among these answers.",
  ranking: (q, v) =>
    (different(v) && v.length === keys(q).length && v.every((one) => keys(q).includes(one))) ||
    "Please put all answers in order.",
  scale: (q, v) => step(v, q.points ?? 7),
  emoji: (_, v) => step(v, 5),
  number: (q, v) => {
    if (typeof v !== "number" || !Number.isFinite(v)) return "Please write a number.";
    if (q.least != null && v < q.least) return "This number is too small.";
    return q.most == null || v <= q.most || "This number is too large.";
  },
  text: (q, v) =>
    (typeof v === "string" && v.length <= (q.longest ?? 2000)) || "This text is too long.",
};

const keys = (question) => question.choices.map((one) => one.key);
const step = (value, top) =>
  (Number.isInteger(value) && value >= 1 && value <= top) || "Please choose a step of the scale.";
const different = (value) => Array.isArray(value) && new Set(value).size === value.length;

export const isEmpty = (value) =>
  value == null ||
  (Array.isArray(value) && !value.length) ||
  (typeof value === "string" && !value.trim());

/** Why a value is no answer to a question, in English; "" where it is one. */
export function wrong(question, value) {
  if (isEmpty(value)) return question.required === false ? "" : "Please answer this question.";
  const found = KINDS[question.kind](question, value);
  return found === true ? "" : found;
}

/** Whether a question is asked of whoever gave these answers before. */
export function isShown(question, answers) {
  if (!question.shown_if) return true;
  const given = answers[question.shown_if.question];
  const all = Array.isArray(given) ? given : isEmpty(given) ? [] : [given];
  return all.some((one) => question.shown_if.answers.includes(String(one)));
}
