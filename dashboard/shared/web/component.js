// What components of the pages have in common: mounting, remembered choices, the colour key.

/** The entry point for a class with `set(data, setTriggerValue, setStateValue)` and `close()`.
 *
 * Streamlit calls it at every rerun of the page; one place keeps one instance.
 */
export function mountOnce(Kind) {
  const places = new WeakMap();
  return ({ data, parentElement, setTriggerValue, setStateValue }) => {
    let mounted = places.get(parentElement);
    if (!mounted) {
      mounted = new Kind(parentElement);
      places.set(parentElement, mounted);
    }
    mounted.set(data, setTriggerValue, setStateValue);
    return () => {
      places.delete(parentElement);
      mounted.close();
    };
  };
}

/** Choices this browser remembers under `key`, over the `usual` ones. */
export function remembered(key, usual) {
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem(key) ?? "{}") };
  } catch {
    return { ...usual };
  }
}

/** Remember choices; a private window forgets them with the visit. */
export function remember(key, choices) {
  try {
    localStorage.setItem(key, JSON.stringify(choices));
  } catch {
    // for this visit only
  }
}

/** Which colour stands for which expression; `emotions` have a name and a colour. */
export function colourKey(box, emotions) {
  box.replaceChildren(
    ...emotions.map(({ name, colour }) => {
      const item = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.background = colour;
      item.append(dot, name);
      return item;
    }),
  );
}

/** An id that no other browser makes. */
export function randomId(bytes = 9) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
