// One zoom for all charts over time of a page.

/** Both ends of a Plotly time axis in ms; Plotly leaves out what is zero. @returns {number[]} */
export function rangeOf(axis) {
  return axis.range.map((end) => {
    if (typeof end === "number") return end;
    const [day, time = "00:00"] = String(end).replace(/Z$/, "").split(/[ T]/);
    return Date.parse(`${day}T${time}Z`);
  });
}

/** Whether two ranges are the same to the millisecond. */
export function same(one, other) {
  return Math.abs(one[0] - other[0]) < 1 && Math.abs(one[1] - other[1]) < 1;
}

/** The charts that follow each other. Each has `to(range)`; null is its whole. */
export class TimeZoom {
  charts = new Set();
  join(chart) {
    this.charts.add(chart);
  }
  leave(chart) {
    this.charts.delete(chart);
  }
  /** A person has zoomed one chart: the others follow. */
  share(from, range) {
    for (const chart of this.charts) if (chart !== from) chart.to(range);
  }
}
