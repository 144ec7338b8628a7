// Sends files to the app's own upload route in pieces. Uploads live on the window, not in
// the component: a change of page redraws the component and must not lose them.
const PIECE = 8 * 1024 * 1024;
const TOGETHER = 2;
const TRIES = 6;

const uploads = (window.__raptUploads ??= { files: [], listeners: new Set(), next: 1 });

const tell = (arrived = undefined) => {
  for (const draw of uploads.listeners) draw(arrived);
};
const active = (file) => file.state === "waiting" || file.state === "sending";

window.__raptUploadsGuard ??= (() => {
  window.addEventListener("beforeunload", (event) => {
    if (uploads.files.some(active)) event.preventDefault();
  });
  // A file that misses the zone must not replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (/** @type {any} */ event) => {
      if ([...(event.dataTransfer?.types ?? [])].includes("Files")) event.preventDefault();
    });
  }
  return true;
})();

export function size(bytes) {
  let unit = 0;
  while (bytes >= 1000 && unit < 3) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toFixed(unit > 1 ? 1 : 0)} ${["B", "kB", "MB", "GB"][unit]}`;
}

export function left(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

function note(file) {
  if (file.state === "waiting") return `${size(file.blob.size)} · waiting`;
  if (file.state === "sending") {
    if (file.sent >= file.blob.size) return "Checking the file";
    const share = Math.floor((100 * file.sent) / file.blob.size);
    const parts = [`${share} % of ${size(file.blob.size)}`];
    if (file.rate > 0)
      parts.push(`${size(file.rate)}/s`, left((file.blob.size - file.sent) / file.rate));
    if (file.pause) parts.splice(1, 2, "connection lost, trying again");
    return parts.join(" · ");
  }
  if (file.state === "failed") return file.words;
  return file.duplicate
    ? "Already here: its session is kept, nothing is analysed twice"
    : file.kept;
}

function ask(method, url, token, body, onProgress, file) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("X-Rapt-Token", token);
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText || "{}");
      } catch {
        answer = {};
      }
      resolve({ status: request.status, answer });
    };
    request.onerror = request.ontimeout = () => reject(new Error("connection"));
    request.onabort = () => reject(new Error("cancelled"));
    if (file) file.request = request;
    request.send(body);
  });
}

function refuse(file, answer) {
  file.state = "failed";
  file.words =
    [answer.error, answer.hint].filter(Boolean).join(" ") ||
    "The server refused the file. Reload the page and try again.";
}

async function send(file) {
  file.state = "sending";
  tell();
  const about = JSON.stringify({
    name: file.blob.name,
    size: file.blob.size,
    changed: file.blob.lastModified || 0,
    options: file.options,
  });
  for (let tries = 0; tries < TRIES && file.state === "sending"; ) {
    try {
      const begun = await ask("POST", file.url, file.token, about, null, file);
      if (begun.status !== 200) return refuse(file, begun.answer);
      if (begun.answer.done) return finish(file, begun.answer);
      file.id = begun.answer.id;
      let offset = begun.answer.offset;
      file.pause = false;
      file.marks = [[performance.now(), offset]];
      while (file.state === "sending") {
        const piece = file.blob.slice(offset, offset + PIECE);
        const start = offset;
        const { status, answer } = await ask(
          "PUT",
          `${file.url}/${file.id}?offset=${offset}`,
          file.token,
          piece,
          (sent) => progress(file, start + sent),
          file,
        );
        if (status === 409 && Number.isInteger(answer.offset)) {
          offset = answer.offset;
          continue;
        }
        if (status === 423) throw new Error("connection"); // the broken request is not over there yet
        if (status !== 200) return refuse(file, answer);
        if (answer.done) return finish(file, answer);
        offset = answer.offset;
        tries = 0;
        progress(file, offset);
      }
    } catch (error) {
      if (error.message === "cancelled" || file.state !== "sending") return;
      tries += 1;
      file.pause = true;
      tell();
      await new Promise((go) => setTimeout(go, Math.min(8000, 400 * 2 ** tries)));
    }
  }
  if (file.state === "sending") {
    file.state = "failed";
    file.words = "The connection was lost. Drop the file again: it goes on where it stopped.";
  }
}

function progress(file, sent) {
  const now = performance.now();
  file.sent = Math.min(sent, file.blob.size);
  file.marks.push([now, file.sent]);
  while (file.marks.length > 2 && now - file.marks[0][0] > 4000) file.marks.shift();
  const [then, before] = file.marks[0];
  if (now > then) file.rate = (1000 * (file.sent - before)) / (now - then);
  tell();
}

function finish(file, answer) {
  file.state = "done";
  file.sent = file.blob.size;
  file.duplicate = Boolean(answer.duplicate);
  file.request = null;
  tell(answer);
  if (!file.duplicate) setTimeout(() => forget(file), 4000);
}

function forget(file) {
  uploads.files = uploads.files.filter((other) => other !== file);
  tell();
}

function cancel(file) {
  const was = file.state;
  file.state = "cancelled";
  file.request?.abort();
  if (file.id && was !== "done" && was !== "failed") {
    ask("DELETE", `${file.url}/${file.id}`, file.token, null, null, null).catch(() => {});
  }
  forget(file);
}

async function pump() {
  if (uploads.pumping) return;
  uploads.pumping = true;
  const run = async () => {
    let file;
    while ((file = uploads.files.find((f) => f.state === "waiting"))) {
      await send(file);
      tell();
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, run));
  uploads.pumping = false;
}

function add(blobs, data) {
  for (const blob of blobs) {
    const again = uploads.files.some(
      (f) =>
        active(f) &&
        f.blob.name === blob.name &&
        f.blob.size === blob.size &&
        f.blob.lastModified === blob.lastModified,
    );
    if (again) continue;
    const file = {
      key: uploads.next++,
      blob,
      state: "waiting",
      sent: 0,
      rate: 0,
      url: data.url,
      token: data.token,
      options: data.options,
      kept: data.kept,
    };
    if (blob.size > data.limit) {
      file.state = "failed";
      file.words = `Larger than the limit of ${size(data.limit)}. Raise it under Settings, or name the file's path on this machine instead.`;
    }
    uploads.files.push(file);
  }
  tell();
  pump();
}

function row(file, item) {
  item.className = `file ${file.state}`;
  item.querySelector(".name").textContent = file.blob.name;
  item.querySelector(".name").title = file.blob.name;
  const words = note(file);
  if (item.querySelector(".note").textContent !== words)
    item.querySelector(".note").textContent = words;
  item.querySelector(".bar i").style.width = `${(100 * file.sent) / Math.max(1, file.blob.size)}%`;
  const button = item.querySelector("button");
  button.textContent = active(file) ? "Cancel" : "Dismiss";
  button.setAttribute("aria-label", `${button.textContent} ${file.blob.name}`);
  button.onclick = () => cancel(file);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const zone = parentElement.querySelector(".zone");
  const input = parentElement.querySelector("input");
  const list = parentElement.querySelector(".files");
  parentElement.querySelector(".limit").textContent = data.hint;
  parentElement.querySelector(".lead").textContent = data.lead;

  const draw = (arrived) => {
    const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
    for (const file of uploads.files) {
      let item = known.get(String(file.key));
      known.delete(String(file.key));
      if (!item) {
        item = document.createElement("li");
        item.dataset.key = String(file.key);
        item.innerHTML =
          '<span class="name"></span><button type="button"></button><span class="note"></span><span class="bar" aria-hidden="true"><i></i></span>';
        list.append(item);
      }
      row(file, item);
    }
    for (const item of known.values()) item.remove();
    if (arrived) setTriggerValue("arrived", arrived);
  };
  uploads.listeners.clear(); // only one is on the page at a time
  uploads.listeners.add(draw);

  input.onchange = () => {
    add([...input.files], data);
    input.value = "";
  };
  zone.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      input.click();
    }
  };
  zone.ondragenter = zone.ondragover = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.ondragleave = (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  };
  zone.ondrop = (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    add([...(event.dataTransfer?.files ?? [])], data);
  };
  draw();
  return () => uploads.listeners.delete(draw);
}
