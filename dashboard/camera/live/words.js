// What the live page says where something goes wrong.

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
  unexpected: ["The server did not answer as expected.", "Reload the page."],
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
  /**
   * @param {Words} words
   * @param {string | null} [link]
   */
  constructor(words, link = null) {
    super(words[0]);
    this.words = words;
    this.link = link;
  }
}
