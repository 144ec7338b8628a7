// Where a face's tag goes: near its box, over no other face and no other tag.

/** Whether two rectangles [x, y, width, height] have area in common.
 * @param {number[]} one
 * @param {number[]} other
 */
export function overlaps(one, other) {
  const [a, b, c, d] = one;
  const [x, y, w, h] = other;
  return a < x + w && x < a + c && b < y + h && y < b + d;
}

/** The place of a tag, or null where it would hide something there or leave the picture.
 * @param {number[]} box of its face: x, y, width, height
 * @param {number[]} size of the tag
 * @param {number[][]} others what it may not hide
 * @param {number[]} picture width and height
 * @param {string} side of the face: above, inside (its top), foot (its bottom) or under
 * @returns {number[] | null}
 */
export function tagPlace([x, y, w, h], [long, tall], others, [width, height], side) {
  /** @type {Record<string, number>} */
  const tops = {
    above: y - tall - 2,
    inside: y + 2,
    foot: y + h - tall - 2,
    under: y + h + 2,
  };
  const within = side === "inside" || side === "foot" ? 2 : 0;
  const places = [x + within, x + w - long - within].map((left) => [left, tops[side]]);
  /** @param {number[]} place */
  const fits = ([left, top]) =>
    left >= 0 &&
    top >= 0 &&
    left + long <= width &&
    top + tall <= height &&
    !others.some((one) => overlaps(one, [left, top, long, tall]));
  return places.find(fits) ?? null;
}
