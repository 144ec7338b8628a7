// What the respondent's page asks of its server.

import { post } from "../../../shared/web/post.js";
import { t } from "./words.js";

const here = location.pathname.replace(/\/+$/, "");

/** The server's no, with what a person can do; `status` 0: it was not reached. */
export class Refused extends Error {
  constructor(message, hint, status) {
    super(t(message));
    this.hint = t(hint);
    this.status = status;
  }
  /** Whether it would be the same if it were asked again; a server that is full, slow or has a
   * fault of its own may take it later. */
  get final() {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status);
  }
  get sentence() {
    return `${this.message.replace(/\.?$/, ".")} ${this.hint}`;
  }
}

/** Post `value` to one of the link's addresses; the answer, or a Refused. */
export async function ask(what, value) {
  const { ok, status, said } = await post(`${here}/${what}`, value).catch(() => {
    const hint = "Check your internet connection, then try again.";
    throw new Refused("The server cannot be reached.", hint, 0);
  });
  if (ok) return said;
  throw new Refused(said.error || "Something went wrong.", said.hint || "", status);
}

/** Tell the server that the page goes, without waiting for an answer. */
export function sayGoodbye(visit, how) {
  navigator.sendBeacon(`${here}/end`, JSON.stringify({ visit, how }));
}
