// Draws a Plotly figure and keeps a person's zoom when the figure changes. Streamlit's own
// chart is made anew with every change of its content, which loses the zoom and flashes.
const loading = (window.__raptPlotly ??= {});

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

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const box = parentElement.querySelector(".rapt-figure");
  const figure = JSON.parse(data.figure);
  box.setAttribute("aria-label", data.alt);
  box.style.minHeight = `${figure.layout.height}px`;

  let gone = false;
  const resized = new ResizeObserver(() => {
    if (box.clientWidth && box.data) window.Plotly.Plots.resize(box);
  });

  // A line with invisible dots: the one that was clicked is shown.
  function clicked(event) {
    const point = event.points.find((one) => one.data.selected) ?? event.points[0];
    if (!point) return;
    window.Plotly.restyle(box, { selectedpoints: [[point.pointNumber]] }, [point.curveNumber]);
    setStateValue("clicked", String(point.x));
  }

  plotly(data.plotly)
    .then((Plotly) => {
      if (gone) return;
      if (box.data && box.drawn === data.figure) return;  // a rerun that changed nothing
      box.drawn = data.figure;
      return Plotly.react(box, figure.data, figure.layout, { ...data.config, responsive: false });
    })
    .then(() => {
      if (gone) return;
      resized.observe(box);
      box.removeAllListeners?.("plotly_click");
      if (data.clicks) box.on("plotly_click", clicked);
    })
    .catch(() => {
      box.textContent = "The chart could not be loaded. Reload the page.";
    });

  return () => {
    gone = true;
    resized.disconnect();
  };
}
