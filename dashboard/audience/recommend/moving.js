// Which of several boxes an arrow key leads to.

/**
 * The place of the nearest box in a direction; along a row it goes on in the next one. The same
 * place where there is none.
 *
 * @param {{left: number, top: number}[]} boxes in reading order
 * @param {number} from
 * @param {number[]} direction right and down, each -1, 0 or 1
 */
export function neighbour(boxes, from, [right, down]) {
  if (right) return Math.min(Math.max(from + right, 0), boxes.length - 1);
  const here = boxes[from];
  let best = from;
  let least = Infinity;
  boxes.forEach((box, place) => {
    const below = (box.top - here.top) * down;
    if (below < 1) return;
    const far = below + Math.abs(box.left - here.left) / 10;
    if (far < least) [best, least] = [place, far];
  });
  return best;
}
