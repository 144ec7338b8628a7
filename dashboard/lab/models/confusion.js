// The confusion matrix as a table of buttons: a cell opens the faces behind it.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".confusion");
  const { labels, counts, shares } = data;
  const totals = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const most = Math.max(1, ...counts.flat());
  const make = (tag, words, more = {}) =>
    Object.assign(document.createElement(tag), { textContent: words, ...more });

  const table = document.createElement("table");
  const head = table.createTHead();
  const above = head.insertRow();
  above.append(
    make("td", ""),
    make("th", "Guess", { colSpan: labels.length, className: "axis", scope: "colgroup" }),
  );
  const names = head.insertRow();
  names.append(make("th", "Truth", { className: "axis side", scope: "col" }));
  labels.forEach((label) => {
    const cell = make("th", "", { scope: "col", className: "name" });
    cell.append(make("span", label));
    names.append(cell);
  });
  names.append(make("th", "faces", { scope: "col", className: "total" }));

  const body = table.createTBody();
  counts.forEach((row, i) => {
    const line = body.insertRow();
    line.append(make("th", labels[i], { scope: "row" }));
    row.forEach((n, j) => {
      const cell = line.insertCell();
      const share = totals[i] ? n / totals[i] : 0;
      const level = shares ? share : Math.sqrt(n / most);
      const button = make(
        "button",
        shares ? `${Math.round(100 * share)}` : n.toLocaleString("en-US"),
        { type: "button" },
      );
      button.style.setProperty("--level", `${Math.round(62 * level)}%`);
      button.className = i === j ? "right" : "wrong";
      button.disabled = !n || !data.opens;
      const words = i === j ? `${labels[i]} read correctly` : `${labels[i]} read as ${labels[j]}`;
      button.title = `${words}: ${n.toLocaleString("en-US")} faces, ${Math.round(100 * share)} % of ${labels[i]}`;
      button.setAttribute("aria-label", button.title);
      button.onclick = () => setTriggerValue("cell", { truth: labels[i], guess: labels[j] });
      cell.append(button);
    });
    line.append(make("td", totals[i].toLocaleString("en-US"), { className: "total" }));
  });
  box.replaceChildren(table);
}
