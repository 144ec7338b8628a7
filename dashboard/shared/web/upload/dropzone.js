// Sends files to the app's own upload route in pieces. Uploads live on the window, not in
// the component: a change of page redraws the component and must not lose them.

import { fromFolder, inside } from "./folders.js";
import { active, here, note, size, together } from "./words.js";

const PIECE = 8 * 1024 * 1024;
const TRIES = 6;
// From this many files on, one line speaks for all of them.
const MANY = 3;

const uploads = (window.__raptUploads ??= {
  files: [],
  listeners: new Set(),
  next: 1,
  batch: { id: "", total: 0 },
  asked: [],
});

const tell = (arrived = undefined) => {
  for (const draw of uploads.listeners) draw(arrived);
};
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

async function dropped(transfer, data) {
  // asked for at once: after the first wait the list of items is empty
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!data.endings.length || !entries.some((entry) => entry.isDirectory)) {
    return add([...transfer.files], data);
  }
  const found = [];
  for (const entry of entries) {
    const files = await inside(entry);
    found.push(...(entry.isDirectory ? fromFolder(files, data) : files.map((one) => one.file)));
  }
  add(found, data);
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
    options: { ...file.options, batch: file.batch },
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
  file.session = answer.session_id;
  file.study = answer.study ?? "";
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

// One after the other: the queue then has them in the order in which they were given.
async function pump() {
  if (uploads.pumping) return;
  uploads.pumping = true;
  let file;
  while ((file = uploads.files.find((f) => f.state === "waiting"))) {
    await send(file);
    tell();
  }
  uploads.pumping = false;
}

function add(blobs, data) {
  if (!uploads.files.some(active)) {
    const id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    uploads.batch = { id, total: 0 };
  }
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
      batch: uploads.batch.id,
    };
    uploads.batch.total += 1;
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
  item.className = `file ${file.state}${here(file) ? " here" : ""}`;
  item.querySelector(".name").textContent = file.blob.name;
  item.querySelector(".name").title = file.blob.name;
  const words = note(file);
  if (item.querySelector(".note").textContent !== words)
    item.querySelector(".note").textContent = words;
  item.querySelector(".bar i").style.width = `${(100 * file.sent) / Math.max(1, file.blob.size)}%`;
  const button = item.querySelector(".drop");
  button.textContent = active(file) ? "Cancel" : "Dismiss";
  button.setAttribute("aria-label", `${button.textContent} ${file.blob.name}`);
  button.onclick = () => cancel(file);
  const open = item.querySelector(".open");
  open.hidden = !here(file);
  open.href = here(file) ? `session?id=${encodeURIComponent(file.session)}` : "";
}

function offer(button, files, into, ask) {
  button.hidden = !files.length;
  if (!files.length) return;
  const word = files.every((file) => file.study) ? "Move" : "Add";
  button.textContent = `${word}${files.length > 1 ? ` all ${files.length}` : ""} to «${into}»`;
  button.onclick = () => ask(files.map((file) => file.session));
}

function many(box, list, data, ask) {
  const { files, batch } = uploads;
  const several = files.length >= MANY;
  box.hidden = !several;
  list.classList.toggle("many", several);
  if (!several) return;
  const { line, busy, free } = together(files, batch, data.into);
  box.className = `together${busy ? "" : " over"}`;
  box.querySelector(".name").textContent = busy ? `Sending ${batch.total} files` : "Sent";
  box.querySelector(".note").textContent = line;
  const sent = batch.total - files.filter(active).length;
  box.querySelector(".bar i").style.width = `${(100 * sent) / Math.max(1, batch.total)}%`;
  offer(box.querySelector(".add"), free.length > 1 ? free : [], data.into, ask);
  const button = box.querySelector(".drop-all");
  button.textContent = busy ? "Cancel all" : "Dismiss all";
  button.onclick = () => {
    for (const file of [...files]) cancel(file);
  };
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const zone = parentElement.querySelector(".zone");
  const input = parentElement.querySelector("input");
  const list = parentElement.querySelector(".files");
  parentElement.querySelector(".limit").textContent = data.hint;
  parentElement.querySelector(".lead").textContent = data.lead;
  parentElement.querySelector(".folders").hidden = !data.endings.length;
  for (const file of uploads.files) {
    if (here(file) && data.added.includes(file.session)) file.added = data.into;
  }
  // as a state: a trigger is lost where the next file arrives in the same moment
  const ask = (sessions) => {
    uploads.asked.push(...sessions.map((session) => ({ session, into: data.into })));
    setStateValue("add", uploads.asked);
  };

  const draw = (arrived) => {
    const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
    for (const file of uploads.files) {
      let item = known.get(String(file.key));
      known.delete(String(file.key));
      if (!item) {
        item = document.createElement("li");
        item.dataset.key = String(file.key);
        item.innerHTML =
          '<span class="name"></span><span class="acts"><a class="open" hidden>Open</a><button type="button" class="add" hidden></button><button type="button" class="drop"></button></span><span class="note"></span><span class="bar" aria-hidden="true"><i></i></span>';
        list.append(item);
      }
      row(file, item);
      const free = here(file) && data.into && file.study !== data.into && !file.added;
      offer(item.querySelector(".add"), free ? [file] : [], data.into, ask);
    }
    for (const item of known.values()) item.remove();
    many(parentElement.querySelector(".together"), list, data, ask);
    if (arrived && data.redraw) setTriggerValue("arrived", arrived);
  };
  uploads.listeners.clear(); // only one is on the page at a time
  uploads.listeners.add(draw);

  // not part of the page: it has no look of its own, and the zone's input stays the only one
  const folder = document.createElement("input");
  folder.type = "file";
  folder.webkitdirectory = true;
  folder.onchange = () => {
    const files = [...(folder.files ?? [])].map((file) => ({
      file,
      path: file.webkitRelativePath,
    }));
    add(fromFolder(files, data), data);
    folder.value = "";
  };
  input.onchange = () => {
    add([...input.files], data);
    input.value = "";
  };
  parentElement.querySelector(".folder").onclick = (event) => {
    event.preventDefault();
    folder.click();
  };
  zone.onkeydown = (event) => {
    if (event.target !== zone) return;
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
    if (event.dataTransfer) dropped(event.dataTransfer, data);
  };
  draw();
  return () => uploads.listeners.delete(draw);
}
