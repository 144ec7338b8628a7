// A canvas that is as sharp as its screen.

/** Fit the canvas to its size on the page and clear it; null while it has none.
 *
 * Everything is then drawn in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 */
export function clearedCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width) return null;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height };
}

/** The page's text colour and font, for what is drawn on a canvas. */
export function inkOf(element) {
  const style = getComputedStyle(element);
  return {
    ink: style.getPropertyValue("--st-text-color").trim() || "#111827",
    font: style.fontFamily,
  };
}
