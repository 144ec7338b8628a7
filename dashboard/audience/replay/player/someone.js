// «From here it is someone else»: which of the faces at the playhead, and how to take it back.

import { remember, remembered } from "../../../shared/web/component.js";
import { clockText } from "../../../shared/web/text.js";
import { alone, button } from "./bar.js";

/** The ask of the split that was said last: a player that is opened later says it no more. */
const SAID = "rapt.replay.split";

/** The viewers of these faces, each once, in order. */
export function viewersOf(faces) {
  return [...new Set(faces.map((face) => face.viewer))]
    .filter((one) => one >= 0)
    .sort((a, b) => a - b);
}

export class Someone {
  /** @type {string | null} */
  said = remembered(SAID, { ask: null }).ask;
  constructor(root, ask, say) {
    this.ask = ask;
    this.say = say;
    this.box = root.querySelector(".someone");
    this.box.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
  }
  /** Says the split that was asked for: what asked may be gone, the server's answer knows it. */
  set(data) {
    this.data = data;
    const asked = data.asked_split;
    const split =
      asked && data.splits.find((one) => one.viewer === asked.viewer && one.t === asked.t);
    if (!split || this.said === asked.id) return;
    this.said = asked.id;
    remember(SAID, { ask: this.said });
    this.say(
      `From ${clockText(split.t, true)} on ${this.name(split.viewer)} is viewer ${split.into}.`,
      () => this.ask({ do: "unsplit", viewer: split.viewer, t: split.t }),
    );
  }
  name(viewer) {
    const name = this.data.viewers[viewer];
    return name ? `${viewer} · ${name}` : `viewer ${viewer}`;
  }
  /** Ask which viewer; `faces` are those of the frame at `t` (ms). */
  open(faces, t) {
    const viewers = viewersOf(faces);
    if (viewers.length === 0) {
      this.say("No viewer is in the picture here.", null);
      return;
    }
    this.from = this.box.getRootNode().activeElement;
    const buttons = viewers.map((viewer) =>
      button(this.name(viewer), () => this.choose(viewer, t)),
    );
    const words = document.createElement("span");
    words.textContent = `From ${clockText(t, true)} on someone else:`;
    this.box.replaceChildren(
      words,
      ...buttons,
      button("Cancel", () => this.close()),
    );
    alone(this.box);
    buttons[0].focus();
  }
  choose(viewer, t) {
    this.ask({ do: "split", viewer, t });
    this.close();
  }
  close() {
    this.box.hidden = true;
    if (this.from instanceof HTMLElement) this.from.focus();
  }
}
