// The line over the curve in which the player asks and tells.

/** A button that does something. */
export function button(text, does) {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = text;
  one.onclick = does;
  return one;
}

/** Of what can stand in the line, this alone. */
export function alone(box) {
  for (const one of box.parentElement.children) one.hidden = one !== box;
}

/** Says what was done, with a way back where there is one. */
export class Notice {
  constructor(root) {
    this.box = root.querySelector(".undo");
    this.words = this.box.querySelector("span");
    this.back = this.box.querySelector("button");
  }
  /** @param {(() => void) | null} undo */
  say(words, undo) {
    alone(this.box);
    this.words.textContent = words;
    this.back.hidden = undo === null;
    this.back.onclick = () => {
      this.box.hidden = true;
      undo?.();
    };
  }
}

/** Asks for a marker's name; the film goes on meanwhile. */
export class Naming {
  /** @param {(what: {t: number, to: number | null, name: string}) => void} save */
  constructor(root, save) {
    this.box = root.querySelector(".naming");
    this.input = this.box.querySelector("input");
    this.words = this.box.querySelector("label span");
    this.chart = root.querySelector(".chart");
    this.save = save;
    this.box.onsubmit = (event) => {
      event.preventDefault();
      this.save({ ...this.what, name: this.input.value.trim() || this.usual });
      this.close();
    };
    this.box.querySelector("[type=button]").onclick = () => this.close();
    this.box.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
  }
  open(words, usual, what) {
    this.what = what;
    this.usual = usual;
    this.words.textContent = words;
    this.input.value = usual;
    alone(this.box);
    this.input.focus();
    this.input.select();
  }
  close() {
    this.box.hidden = true;
    this.chart.focus({ preventScroll: true });
  }
}
