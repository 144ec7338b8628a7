// What the live page says: what can go wrong, and the finding in the place of a title.

import { counted } from "../../shared/web/text.js";

/** @typedef {[says: string, todo: string]} Words */

/** @type {Record<string, Words>} */
export const WORDS = {
  insecure: [
    "Browsers give the camera only to pages opened over HTTPS or on this machine.",
    "Serve with rapt serve --tls, or open http://localhost on the server itself.",
  ],
  noRoutes: [
    "This server cannot take a camera: it was started without its own routes.",
    "Start it with rapt serve.",
  ],
  unreached: [
    "The browser and the server did not reach each other.",
    "A firewall may be between them; from another network a TURN server is needed.",
  ],
  noPicture: [
    "The camera is on but no picture reached the server.",
    "Press START again; if it happens again, try another camera.",
  ],
  busy: [
    "The server does not answer at the moment.",
    "The session goes on; its numbers come back when the server does.",
  ],
  lost: [
    "The connection to the server was lost.",
    "What was measured until then is kept. Reload the page when the server is back.",
  ],
  unplugged: ["The camera was disconnected.", "The session was ended and is kept."],
};

/** Something that stops a session, with what a person can do; `link` names a page that helps. */
export class Refused extends Error {
  /** @param {Words} words */
  constructor(words, link = null) {
    super(words[0]);
    this.words = words;
    this.link = link;
  }
}

/** The finding: who is there, who attends, where engagement goes. */
export function finding(view) {
  if (view.state === "paused") return "Paused: nothing is measured.";
  if (!view.people) return "Nobody is in view.";
  const who =
    view.people === 1 && view.attending === 1
      ? "One person, attending"
      : `${counted(view.people, "person", "people")}, ${howMany(view)} attending`;
  if (view.engagement === null) return `${who}; no face can be read well enough.`;
  const way = direction(view.window ?? []);
  return `${who}${way ? `; engagement is ${way}` : ""}.`;
}

function howMany({ people, attending }) {
  if (people === attending) return people > 2 ? "all" : people === 2 ? "both" : "";
  return attending ? String(attending) : "nobody";
}

/** The last five seconds against the twenty before; "" while too little is known. */
function direction(curve) {
  const end = curve.at(-1)?.t ?? 0;
  const now = mean(curve.filter((one) => one.t > end - 5000));
  const before = mean(curve.filter((one) => one.t <= end - 5000 && one.t > end - 25000));
  if (now === null || before === null || end < 15000) return "";
  if (now - before > 6) return "rising";
  return now - before < -6 ? "falling" : "steady";
}

function mean(points) {
  const known = points.map((one) => one.engagement).filter((value) => value != null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
