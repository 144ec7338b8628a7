// How numbers and moments are written on every page.

/** A moment as 1:02 or 1:01:02, with tenths of a second where they are wanted. */
export function clockText(ms, tenths = false) {
  const whole = Math.max(0, tenths ? Math.floor(ms / 100) / 10 : Math.floor(ms / 1000));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const seconds = whole % 60;
  const tail = tenths ? seconds.toFixed(1).padStart(4, "0") : String(seconds).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** «1 viewer», «2 viewers». */
export const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** A share of 0 to 1 in percent; what is not quite nothing is not written as nothing. */
export const percent = (share) =>
  share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`;

/** A number with a true minus sign. */
export const signed = (value) => String(value).replace("-", "−");
