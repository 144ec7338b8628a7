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
  const { data, parentElement } = component;
  const box = parentElement.querySelector(".rapt-figure");
  const figure = JSON.parse(data.figure);
  box.setAttribute("aria-label", data.alt);
  box.style.minHeight = `${figure.layout.height}px`;

  let gone = false;
  const resized = new ResizeObserver(() => {
    if (box.clientWidth && box.data) window.Plotly.Plots.resize(box);
  });

  plotly(data.plotly)
    .then((Plotly) => {
      if (gone) return;
      return Plotly.react(box, figure.data, figure.layout, { ...data.config, responsive: false });
    })
    .then(() => !gone && resized.observe(box))
    .catch(() => {
      box.textContent = "The chart could not be loaded. Reload the page.";
    });

  return () => {
    gone = true;
    resized.disconnect();
  };
}
