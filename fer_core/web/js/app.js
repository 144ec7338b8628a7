// A page without a server: the camera or a photograph, bars, a curve, a recording as CSV.

import { CameraReader, Reader } from "./reader.js";

const ORDER = ["happy", "surprise", "neutral", "sad", "fear", "disgust", "angry"];
const SHOWN_MS = 60000;
/** What is shown of a camera is the mean of so long. */
const MEAN_MS = 1000;
/** A sentence is said when so many pictures in a row say it: screen readers read each one out. */
const IN_A_ROW = 5;
const base = new URL("./", location.href).href;

/** @returns {any} */
const $ = (selector) => document.querySelector(selector);
const video = $("video");
const canvas = $("canvas");
const say = (text) => {
  if ($(".state").textContent !== text) $(".state").textContent = text;
};
/** @type {string[]} */
let lately = [];
const sayOfCamera = (text) => {
  lately = [...lately.slice(1 - IN_A_ROW), text];
  if (lately.length === IN_A_ROW && lately.every((one) => one === text)) say(text);
};

const table = await (await fetch("table.json")).json();
const reader = new Reader(base);
/** @type {any} */
let camera = null;
/** Faces of the last second, each with its moment. @type {any[]} */
let faces = [];
/** @type {any[]} */
let curve = [];
/** @type {any[] | null} */
let rows = null;
let recording = false;

for (const name of ORDER) {
  const [term, bar, value] = ["dt", "dd", "dd"].map((tag) => document.createElement(tag));
  term.textContent = name;
  const share = document.createElement("i");
  share.dataset.emotion = name;
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true"); // the number beside it says the same
  bar.append(share);
  value.className = "value";
  value.dataset.value = name;
  value.textContent = "–";
  $(".bars").append(term, bar, value);
}

async function begin() {
  if ("serviceWorker" in navigator && isSecureContext) {
    navigator.serviceWorker.register("sw.js").catch(() => {});
  }
  try {
    await reader.ask("open", { table, base, alone: true });
  } catch (error) {
    return say(`This browser cannot read faces: ${error.message} Try a current one.`);
  }
  say("Ready");
  $("#camera").disabled = !navigator.mediaDevices?.getUserMedia;
  $("#photo").disabled = false;
}

/** Numbers on the page: the mean of some faces; none where there is none. */
function show(some) {
  const mean = (of) => some.reduce((sum, face) => sum + of(face), 0) / some.length;
  for (const name of ORDER) {
    const share = some.length ? mean((face) => face.seven[table.emotions.indexOf(name)]) : null;
    $(`[data-emotion="${name}"]`).style.width = `${100 * (share ?? 0)}%`;
    const text = share === null ? "–" : `${Math.round(100 * share)} %`;
    $(`[data-value="${name}"]`).textContent = text;
  }
  const engagement = some.length ? mean((face) => face.measures.engagement) : null;
  $(".now").textContent = engagement === null ? "–" : String(Math.round(engagement));
  return engagement;
}

const usable = (face) => (face && !face.whyNot ? face : null);

function taken(found, at) {
  const [seen] = found.faces;
  const face = usable(seen);
  if (face) sayOfCamera("One face is read");
  else if (seen) sayOfCamera(`A face that cannot be read: ${seen.whyNot.replaceAll(",", ", ")}`);
  else sayOfCamera("No face is seen");
  faces = faces.filter(([when]) => when > at - MEAN_MS);
  if (face) faces.push([at, face]);
  curve.push([at, show(faces.map(([, one]) => one))]);
  while (curve.length && curve[0][0] < at - SHOWN_MS) curve.shift();
  draw(at);
  if (recording && rows) rows.push([at, face]);
}

/** Nothing is read now, and nothing of before is shown. */
function clear() {
  [faces, curve, lately] = [[], [], []];
  show([]);
  draw(0);
}

function draw(now) {
  let path = "";
  let pen = "M";
  for (const [at, value] of curve) {
    if (value === null) {
      pen = "M";
      continue;
    }
    const x = 600 - (600 * (now - at)) / SHOWN_MS;
    path += `${pen}${x.toFixed(1)} ${(118 - 1.16 * value).toFixed(1)}`;
    pen = "L";
  }
  $("path").setAttribute("d", path);
  const values = curve.flatMap(([, value]) => value ?? []).map(Math.round);
  const range = values.length ? `: ${Math.min(...values)} to ${Math.max(...values)}` : "";
  $("svg").setAttribute("aria-label", `Engagement over the last minute${range}`);
}

async function openCamera() {
  if (camera) return closeCamera();
  try {
    const wish = { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } };
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
  } catch {
    return say("The camera was not allowed, or there is none. A photograph works as well.");
  }
  await video.play();
  stage(video);
  await reader.ask("restart");
  clear();
  camera = new CameraReader(reader, video, taken);
  camera.check = false;
  camera.mostHz = 15;
  camera.start();
  $("#camera").textContent = "Camera off";
  $("#record").disabled = false;
}

function closeCamera() {
  camera.stop();
  camera = null;
  for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
  $("#camera").textContent = "Camera";
  $("#record").disabled = true;
  if (recording) record();
  stage(null);
  clear();
  say("The camera is off");
}

function stage(shown) {
  video.hidden = shown !== video;
  canvas.hidden = shown !== canvas;
  $(".empty").hidden = shown !== null;
}

async function openPhoto({ target }) {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  if (camera) closeCamera();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return say("This file is no picture that the browser can open.");
  }
  const k = Math.min(1, 960 / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * k);
  canvas.height = Math.round(bitmap.height * k);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  stage(canvas);
  const { width, height } = canvas;
  await reader.ask("restart");
  clear();
  let found;
  // a face counts from its second sight on
  for (const tMs of [0, 1000]) {
    const rgba = context.getImageData(0, 0, width, height).data;
    found = await reader.ask("read", { rgba, width, height, tMs });
  }
  const [face] = found.faces;
  show(face ? [face] : []);
  say(face ? "The largest face is read" : "No face was found in this photograph");
  if (!face) return;
  context.strokeStyle = "#E69F00";
  context.lineWidth = 3;
  context.strokeRect(...face.box);
}

function record() {
  recording = !recording;
  if (recording) rows = [];
  $("#record").setAttribute("aria-pressed", String(recording));
  $("#record").textContent = recording ? "Stop recording" : "Record";
  $("#save").disabled = recording || !rows?.length;
}

function save() {
  if (!rows?.length) return;
  const measures = Object.keys(table.versions).filter((key) => key in KNOWN);
  const head = [
    "t_ms",
    ...table.emotions.map((name) => `p_${name}`),
    ...measures,
    "yaw",
    "pitch",
    "roll",
  ];
  const number = (value) => (value === undefined ? "" : Number(value.toFixed(4)));
  const [[began]] = rows;
  const lines = rows.map(([at, face]) => {
    const t = Math.round(at - began);
    if (!face) return [t, ...new Array(head.length - 1).fill("")];
    return [
      t,
      ...face.seven.map(number),
      ...measures.map((key) => number(face.measures[key])),
      ...face.pose.map(number),
    ];
  });
  const text = `${[head, ...lines].map((line) => line.join(",")).join("\r\n")}\r\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `rapt-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  say(`${rows.length} rows were saved`);
}
const KNOWN = { valence: 1, activation: 1, expressiveness: 1, facing: 1, engagement: 1 };

$("#camera").onclick = openCamera;
$("#photo").onchange = openPhoto;
$("#record").onclick = record;
$("#save").onclick = save;
begin();
