// Lids and gaze over a face: how far the eyes are open, and where they look.

const FULL = 25; // degrees at which the iris reaches the corner
const PLACES = [0.3, 0.7]; // of a box's width
const HEIGHT = 0.4; // of a box's height

/** How eyes are drawn: lids 0 (shut) to 1, the iris' place -1 to 1 aside and up, the lean.
 * @param {number[]} eyes degrees of lean, per cent open, degrees of gaze aside and up
 */
export function eyesOf(eyes) {
  const [lean, open, aside, up] = eyes;
  const share = (degrees) => Math.max(-1, Math.min(1, degrees / FULL));
  return {
    open: Math.max(0, Math.min(1, open / 100)),
    aside: share(aside),
    up: share(up),
    lean: (lean * Math.PI) / 180,
  };
}

/** Two eyes where they usually are in a box; no points of the lids are kept.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[]} box
 * @param {number[]} eyes
 */
export function drawEyes(ctx, box, eyes) {
  const [x, y, w, h] = box;
  if (w < 40) return;
  const { open, aside, up, lean } = eyesOf(eyes);
  const half = w * 0.11;
  const tall = half * 0.9 * open; // of the curves' control points
  ctx.save();
  ctx.translate(x + w / 2, y + HEIGHT * h);
  ctx.rotate(lean);
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "#FFFFFF";
  ctx.shadowColor = "rgba(10, 12, 16, 0.9)";
  ctx.shadowBlur = 2;
  for (const place of PLACES) {
    const middle = (place - 0.5) * w;
    ctx.beginPath();
    ctx.moveTo(middle - half, 0);
    ctx.quadraticCurveTo(middle, -tall, middle + half, 0);
    ctx.quadraticCurveTo(middle, tall, middle - half, 0);
    ctx.stroke();
    if (open < 0.2) continue;
    ctx.beginPath();
    ctx.arc(middle + aside * half * 0.6, -up * tall * 0.3, half * 0.22, 0, 2 * Math.PI);
    ctx.fillStyle = "#FFFFFF";
    ctx.fill();
  }
  ctx.restore();
}
