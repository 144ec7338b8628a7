// The hand on the curve: a click goes there, a drag chooses a stretch, the cursor can be moved.

const SLOP = 5; // pixels that a click may wander
const GRIP = 9; // pixels around the cursor that take hold of it
const HOLD = 450; // ms that a finger rests before it begins a stretch

/** What a press takes hold of: the cursor, or a stretch of the curve. A finger moves the cursor,
 * unless it rests first. */
export function gripOf({ x, y, cursor, floor, touch }) {
  return touch || y > floor || Math.abs(x - cursor) <= GRIP ? "cursor" : "stretch";
}

/** The stretch between two moments, in order; null where it is too short to be meant. */
export function stretchOf(one, other, least = 200) {
  const from = Math.round(Math.min(one, other));
  const to = Math.round(Math.max(one, other));
  return to - from < least ? null : { from, to };
}

/** Follow the pointer on a chart: `seek(ms)`, `drag(one, other)` and `done(one, other)` are told. */
export function follow(chart, curve, { seek, drag, done }) {
  /** @type {{kind: string, x: number, moved: boolean} | null} */
  let held = null;
  let resting = 0; // the timer of a finger that has not moved yet
  const place = (event) => {
    const box = chart.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  chart.onpointerdown = (event) => {
    if (event.button !== 0) return;
    chart.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    const touch = event.pointerType === "touch";
    const kind = gripOf({ x, y, cursor: curve.at, floor: curve.floor, touch });
    const hold = { kind, x, moved: false };
    held = hold;
    if (touch && y <= curve.floor) {
      resting = setTimeout(() => {
        hold.kind = "stretch";
        hold.moved = true;
        navigator.vibrate?.(15);
        drag(curve.ms(x), curve.ms(x));
      }, HOLD);
    }
    if (kind === "cursor") seek(curve.ms(x));
  };
  chart.onpointermove = (event) => {
    const { x } = place(event);
    if (held && Math.abs(x - held.x) > SLOP) clearTimeout(resting);
    if (held?.kind === "cursor") seek(curve.ms(x));
    else if (held && (held.moved || Math.abs(x - held.x) > SLOP)) {
      held.moved = true;
      drag(curve.ms(held.x), curve.ms(x));
    }
    if (event.pointerType === "mouse" || held) curve.hover(x);
  };
  chart.onpointerup = (event) => {
    const { x } = place(event);
    clearTimeout(resting);
    if (held?.kind === "stretch") {
      if (held.moved) done(curve.ms(held.x), curve.ms(x));
      else seek(curve.ms(x));
    }
    held = null;
    if (event.pointerType !== "mouse") curve.hover(null);
  };
  chart.onpointercancel = () => {
    clearTimeout(resting);
    held = null;
    curve.hover(null);
  };
  chart.onpointerleave = () => curve.hover(null);
}
