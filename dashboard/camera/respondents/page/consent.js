// The first screen: what will happen, what is kept, and that the respondent agrees.

import { $, filmLength, make, say, show } from "./screens.js";
import { Refused } from "./server.js";
import { t } from "./words.js";

/** What is kept and to whom it goes, by name; `encrypted`: whether the page came over https. */
export function facts({ keeps, recipient }, encrypted) {
  const who = recipient || t("those who sent you this link");
  const kept = keeps
    ? "Numbers about your expression and how your head is turned, and small pictures of your face."
    : "Numbers about your expression and how your head is turned. No picture of you is stored.";
  const where = encrypted ? "To {who} only, over an encrypted connection." : "To {who} only.";
  return { kept: t(kept), where: t(where, { who }) };
}

/** What a course's page says otherwise: how long its films are, when the camera is on. */
function courseFacts(fact, given) {
  for (const step of document.querySelectorAll("main > .step")) {
    if (step instanceof HTMLElement) step.hidden = true;
  }
  const minutes = Math.max(1, Math.round(given.length_ms / 60000));
  fact("length", t("Films of about {minutes} min, and a few questions", { minutes }));
  fact(
    "camera",
    t("On from its set-up to the last film. Recorded only while a film plays. No sound."),
  );
  fact("kept", `${facts(given, true).kept} ${t("And what you answer.")}`);
}

/** The page in another language. */
function offerLanguages(main, given) {
  const others = Object.entries(given.languages ?? {});
  if (others.length < 2) return;
  const row = $(".languages", main);
  for (const [code, name] of others) {
    const here = new URL(location.href);
    here.searchParams.set("lang", code);
    const link = make("a", { href: here.pathname + here.search, lang: code }, name);
    if (code === given.language) link.setAttribute("aria-current", "true");
    row.append(link);
  }
  row.hidden = false;
}

/** Show the study's text; `begin` is called with the respondent's name once they agree. */
export function askConsent(given, begin) {
  const main = $("#consent");
  const fact = (name, text) => {
    $(`[data-fact="${name}"]`, main).textContent = text;
  };
  $("h1", main).textContent = given.title;
  fact("length", filmLength(given.length_ms));
  const told = facts(given, location.protocol === "https:");
  fact("kept", told.kept);
  fact("where", told.where);
  if (given.course) courseFacts(fact, given);
  offerLanguages(main, given);
  for (const part of given.consent.split(/\n\s*\n/)) {
    const p = document.createElement("p");
    p.textContent = part;
    $(".text", main).append(p);
  }
  const form = $("form", main);
  const press = $("button", form);
  form.agree.onchange = () => {
    press.disabled = !form.agree.checked;
  };
  form.agree.checked = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    press.disabled = true;
    $(".wrong", form).textContent = "";
    try {
      await begin(form.respondent.value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 410) return say("This link is closed", error.hint || error.message);
      $(".wrong", form).textContent = error.sentence;
      press.disabled = false;
    }
  };
  show("consent");
}
