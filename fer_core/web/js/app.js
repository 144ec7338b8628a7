// A page without a server: the camera or a photograph, bars, a curve, a recording as CSV.

import { CameraReader, Reader } from "./reader.js";

const ORDER = ["happy", "surprise", "neutral", "sad", "fear", "disgust", "angry"];
const SHOWN_MS = 60000;
const base = new URL("./", location.href).href;

/** @returns {any} */
const $ = (selector) => document.querySelector(selector);
const video = $("video");
const canvas = $("canvas");
const say = (text) => {
  if ($(".state").textContent !== text) $(".state").textContent = text;
};

const table = await (await fetch("table.json")).json();
const reader = new Reader(base);
/** @type {any} */
let camera = null;
/** @type {any[]} */
let curve = [];
/** @type {any[] | null} */
let rows = null;
let recording = false;

for (const name of ORDER) {
  const [term, bar, value] = ["dt", "dd", "dd"].map((tag) => document.createElement(tag));
  term.textContent = name;
  const meter = document.createElement("meter");
  meter.max = 1;
  meter.setAttribute("aria-label", name);
  meter.dataset.emotion = name;
  bar.append(meter);
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

/** A face's numbers on the page; null where there is none. */
function show(face) {
  for (const name of ORDER) {
    const share = face ? face.seven[table.emotions.indexOf(name)] : null;
    $(`meter[data-emotion="${name}"]`).value = share ?? 0;
    const text = share === null ? "–" : `${Math.round(100 * share)} %`;
    $(`[data-value="${name}"]`).textContent = text;
  }
  $("output").textContent = face ? String(Math.round(face.measures.engagement)) : "–";
}

const usable = (face) => (face && !face.whyNot ? face : null);

function taken(found, at) {
  const face = usable(found.faces[0]);
  if (found.faces[0]?.whyNot)
    say(`A face, too ${found.faces[0].whyNot.replaceAll(",", ", ")} to read`);
  else say(face ? "One face is read" : "No face is seen");
  show(face);
  curve.push([at, face ? face.measures.engagement : null]);
  while (curve.length && curve[0][0] < at - SHOWN_MS) curve.shift();
  draw(at);
  if (recording && rows) rows.push([at, face]);
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
  curve = [];
  camera = new CameraReader(reader, video, taken);
  camera.check = false;
  camera.mostHz = 15;
  camera.start();
  $("#camera").textContent = "Stop";
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
  say("The camera is off");
}

function stage(shown) {
  video.hidden = shown !== video;
  canvas.hidden = shown !== canvas;
  $(".empty").hidden = true;
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
  curve = [];
  draw(0);
  let found;
  // a face counts from its second sight on
  for (const tMs of [0, 1000]) {
    const rgba = context.getImageData(0, 0, width, height).data;
    found = await reader.ask("read", { rgba, width, height, tMs });
  }
  const [face] = found.faces;
  show(face);
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
