// Draws a Plotly figure and keeps a person's zoom when the figure changes. Streamlit's own
// chart is made anew with every change of its content, which loses the zoom and flashes.

import { rangeOf, same, TimeZoom } from "./zoom.js";

const loading = (window.__raptPlotly ??= {});

// What was drawn last, by its content: drawing takes a tenth of a second, and a person who comes
// back to a page has seen it already.
const drawn = (window.__raptDrawn ??= new Map());
const MOST_KEPT = 12;

// The charts over time that are on the page now: they share one zoom.
const zoom = (window.__raptZoom ??= new TimeZoom());

function plotly(url) {
  loading[url] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      delete loading[url];
      reject(new Error("plotly"));
    };
    document.head.append(script);
  });
  return loading[url];
}

// The drawing of an earlier visit in the place of an empty box, if there is one.
function again(box, content) {
  const kept = drawn.get(content);
  if (!kept || kept.isConnected) return box;
  drawn.delete(content);
  box.replaceWith(kept);
  return kept;
}

function keep(box) {
  // A box stands under what it shows now alone: what it showed before is nowhere any more, and
  // letting that go must not empty the box.
  for (const [content, old] of drawn) if (old === box) drawn.delete(content);
  // One that was clicked or zoomed is drawn anew: the page it comes back to knows nothing of it.
  if (!box.drawn || box.touched) return;
  drawn.set(box.drawn, box);
  for (const [content, old] of drawn) {
    if (drawn.size <= MOST_KEPT) break;
    drawn.delete(content);
    if (!old.isConnected) window.Plotly.purge(old);
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  if (!data.figure) {
    parentElement.querySelector(".rapt-figure").hidden = true;
    plotly(data.plotly).catch(() => {}); // only ahead of time: whoever draws says what is wrong
    return;
  }
  const content = JSON.stringify(data.config) + data.figure;
  const box = again(parentElement.querySelector(".rapt-figure"), content);
  const reset = parentElement.querySelector(".rapt-reset");
  box.setAttribute("aria-label", data.alt);
  const figure = box.drawn === content ? null : JSON.parse(data.figure);
  if (figure) box.style.minHeight = `${figure.layout.height}px`;

  let gone = false;
  const resized = new ResizeObserver(() => {
    if (!box.clientWidth || !box.data || box.clientWidth === box.wide) return;
    box.wide = box.clientWidth;
    window.Plotly.Plots.resize(box);
  });

  // A line with invisible dots: the one that was clicked is shown.
  function clicked(event) {
    const point = event.points.find((one) => one.data.selected) ?? event.points[0];
    if (!point) return;
    box.touched = true;
    window.Plotly.restyle(box, { selectedpoints: [[point.pointNumber]] }, [point.curveNumber]);
    setStateValue("clicked", String(point.x));
  }

  let telling = 0;
  let following = false; // another chart's zoom, which is not told on
  function zoomed(change) {
    if (!Object.keys(change).some((name) => /^[xy]axis/.test(name))) return;
    box.touched = true;
    mark();
    if (!box.whole) return;
    const range = rangeOf(box.layout.xaxis);
    const part = same(range, box.whole) ? null : range;
    if (!following) zoom.share(chart, part);
    if (!data.zooms) return;
    clearTimeout(telling); // a drag of the axis tells its end alone
    telling = setTimeout(() => setStateValue("range", part?.map(Math.round) ?? null), 300);
  }

  const show = (range) =>
    window.Plotly.relayout(box, { "xaxis.range": range.map((ms) => new Date(ms).toISOString()) });
  const chart = {
    to(range) {
      following = true;
      show(range ?? box.whole).finally(() => {
        following = false;
      });
    },
  };

  /** The way back to the whole is there while a part is shown, also without a mouse. */
  function mark() {
    // its name says what it shows; the numbers along its axes would only be read one by one
    for (const svg of box.querySelectorAll(".main-svg")) svg.setAttribute("aria-hidden", "true");
    reset.hidden = !box.whole || same(rangeOf(box.layout.xaxis), box.whole);
  }
  reset.onclick = () => {
    show(box.whole);
    box.focus({ preventScroll: true });
  };

  plotly(data.plotly)
    .then((Plotly) => {
      if (gone) return;
      if (!figure) return; // nothing has changed
      box.drawn = content;
      box.wide = box.clientWidth;
      box.whole = figure.layout.meta?.time ? rangeOf(figure.layout.xaxis) : null;
      return Plotly.react(box, figure.data, figure.layout, { ...data.config, responsive: false });
    })
    .then(() => {
      if (gone) return;
      resized.observe(box);
      box.removeAllListeners?.("plotly_click");
      box.removeAllListeners?.("plotly_relayout");
      box.on("plotly_relayout", zoomed);
      if (data.clicks) box.on("plotly_click", clicked);
      if (box.whole) zoom.join(chart);
      mark();
    })
    .catch(() => {
      box.textContent = "The chart could not be loaded. Reload the page.";
    });

  return () => {
    gone = true;
    clearTimeout(telling);
    zoom.leave(chart);
    resized.disconnect();
    keep(box);
  };
}
