// The first screen: what will happen, what is kept, and that the respondent agrees.

import { $, filmLength, say, show } from "./screens.js";
import { Refused } from "./server.js";

/** What is kept and to whom it goes, by name; `encrypted`: whether the page came over https. */
export function facts({ keeps, recipient }, encrypted) {
  const numbers = "Numbers about your expression and how your head is turned";
  const who = recipient || "those who sent you this link";
  return {
    kept: keeps
      ? `${numbers}, and small pictures of your face.`
      : `${numbers}. No picture of you is stored.`,
    where: `To ${who} only${encrypted ? ", over an encrypted connection" : ""}.`,
  };
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
