// A curve with holes as the path of an SVG.

/**
 * Lines between neighbours that are known; the second is x, 100 less the value y.
 *
 * @param {(number | null)[]} values 0 to 100; null where not known
 */
export function pathOf(values) {
  let open = false;
  return values
    .map((value, second) => {
      if (value === null) {
        open = false;
        return "";
      }
      const step = `${open ? "L" : "M"}${second} ${100 - value}`;
      open = true;
      return step;
    })
    .join("");
}
