"use strict";
// The respondent's page: consent, camera check, film, thanks. It asks nobody but its own server.

const given = JSON.parse(document.getElementById("given").textContent);
const here = location.pathname.replace(/\/+$/, "");
const $ = (selector, root = document) => root.querySelector(selector);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// One clock for everything: the browser's, in milliseconds since 1970, which never steps.
const now = () => performance.timeOrigin + performance.now();

const COUNT_S = 3; // a resting face before the film: the baseline
const CHECK_PATIENCE_MS = 12000; // after that the film may be started all the same
const TRIES = 8; // to connect again after a break
const CONNECT_MS = 16000; // a TURN server that is silent takes ten of them
const PICTURE_MS = 8000; // a connection that stands and brings no picture is made anew
const GATHER_MS = 4000;
const REPORT_MS = 200;

const visit = { key: "", film: "", servers: [], peer: null, channel: null, stream: null, step: "consent" };
const film = $("#film > video");
const mirror = $("#check .mirror video");
let lastLines = null;
let wakeLock = null;

// --- screens -------------------------------------------------------------------------------

function show(name) {
  for (const main of document.querySelectorAll("main[id]")) main.hidden = main.id !== name;
  window.scrollTo(0, 0);
  const title = $(`#${name} h1`);
  if (title && name !== "film") { title.tabIndex = -1; title.focus({ preventScroll: true }); title.style.outline = "none"; }
}

function say(title, text, hint = "", button = "", action = null) {
  const main = $("#words");
  $("h1", main).textContent = title;
  $(".lede", main).textContent = text;
  $(".hint", main).textContent = hint;
  const press = $("button", main);
  press.hidden = !button;
  press.textContent = button;
  press.className = "main";
  press.onclick = action;
  document.title = title;
  show("words");
}

const again = () => location.reload();

function length(ms) {
  const seconds = Math.round(ms / 1000);
  if (!seconds) return "A short film";
  if (seconds < 90) return `A film of ${seconds} seconds`;
  return `A film of ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;
}

// --- talking to the server -------------------------------------------------------------------

class Refused extends Error {
  constructor(message, hint, status) { super(message); this.hint = hint; this.status = status; }
}

const sentence = (error) => `${error.message.replace(/\.?$/, ".")} ${error.hint}`;

async function ask(what, value) {
  let answer;
  try {
    answer = await fetch(`${here}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ visit: visit.key, ...value }),
    });
  } catch {
    throw new Refused("The server cannot be reached.", "Check your internet connection, then try again.", 0);
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.error || "Something went wrong.", said.hint || "", answer.status);
  return said;
}

function tell(value) {
  if (visit.channel && visit.channel.readyState === "open") visit.channel.send(JSON.stringify(value));
}

// --- what may be in the way --------------------------------------------------------------------

function unable() {
  if (!window.isSecureContext) {
    return ["This page needs a secure address", "Browsers give the camera only to addresses that begin with https.",
      "Tell the people who sent you the link."];
  }
  const capable = navigator.mediaDevices && navigator.mediaDevices.getUserMedia && window.RTCPeerConnection;
  if (!capable) {
    return ["This browser cannot take part", "It has no access to a camera, or it is too old.",
      "Open the link in a current Chrome, Edge, Firefox or Safari."];
  }
  return null;
}

function cameraWords(error) {
  switch (error && error.name) {
    case "NotAllowedError": case "SecurityError":
      return ["The camera was not allowed", "Without it you cannot take part. Nothing was recorded.",
        "To allow it, press the camera or lock sign beside the address, choose Allow, then try again."];
    case "NotFoundError": case "OverconstrainedError":
      return ["No camera was found", "This device has no camera, or it is switched off.",
        "Connect one, or open the link on a phone or laptop that has one."];
    case "NotReadableError": case "AbortError":
      return ["The camera is in use", "Another program or tab is using it.",
        "Close video calls and other tabs that use the camera, then try again."];
    default:
      return ["The camera could not be started", "The browser did not say why.", "Close other programs that use it, then try again."];
  }
}

// --- 1: consent ----------------------------------------------------------------------------------

function consent() {
  const main = $("#consent");
  $("h1", main).textContent = given.title;
  $('[data-fact="length"]', main).textContent = length(given.length_ms);
  $('[data-fact="kept"]', main).textContent = given.keeps
    ? "Numbers about your expression and where you look, and small pictures of your face."
    : "Numbers about your expression and where you look. No picture of you is stored.";
  $('[data-fact="where"]', main).textContent = location.protocol === "https:"
    ? `To ${location.host} only, over an encrypted connection.` : `To ${location.host} only.`;
  const text = $(".text", main);
  for (const part of given.consent.split(/\n\s*\n/)) {
    const p = document.createElement("p");
    p.textContent = part;
    text.append(p);
  }
  const form = $("form", main);
  const press = $("button", form);
  form.agree.onchange = () => { press.disabled = !form.agree.checked; };
  form.agree.checked = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    press.disabled = true;
    $(".wrong", form).textContent = "";
    try {
      const begun = await ask("begin", { read: given.read, respondent: form.respondent.value });
      visit.key = begun.visit;
      visit.film = begun.film;
      visit.servers = begun.iceServers;
      await check();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 410) return say("This link is closed", error.hint || error.message);
      $(".wrong", form).textContent = sentence(error);
      press.disabled = false;
    }
  };
  show("consent");
}

// --- 2: camera -----------------------------------------------------------------------------------

async function check() {
  visit.step = "check";
  show("check");
  film.src = visit.film; // loads meanwhile
  const note = $("#check .mirror-note");
  note.textContent = "Allow the camera when your browser asks";
  lines(null);
  try {
    visit.stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } },
    });
  } catch (error) {
    return say(...cameraWords(error), "Try again", () => { check(); });
  }
  mirror.srcObject = visit.stream;
  mirror.play().catch(() => {});
  visit.stream.getVideoTracks()[0].onended = () => cameraGone();
  note.textContent = "Connecting";
  const press = $("#check button");
  press.disabled = true;
  press.textContent = "Start the film";
  try {
    await connect().catch((error) => {
      if (error instanceof Refused) throw error;
      note.textContent = "Connecting again";
      return connect();
    });
  } catch (error) {
    return say("The connection could not be made",
      error instanceof Refused ? error.message : "Your network does not let the camera's data through.",
      error instanceof Refused && error.hint ? error.hint : "Try another network: a phone's own instead of a company's, or the other way round.",
      "Try again", () => { stopCamera(); check(); });
  }
  note.textContent = "";
  setTimeout(() => {
    if (visit.step === "check" && !lastLines) broken();
  }, PICTURE_MS);
  setTimeout(() => {
    if (visit.step === "check" && press.disabled && lastLines) { press.disabled = false; press.textContent = "Start anyway"; }
  }, CHECK_PATIENCE_MS);
  press.onclick = () => { press.disabled = true; start(press); };
}

function lines(found) {
  lastLines = found;
  const list = $("#check .lines");
  const shown = found ? found.lines : [{ ok: null, says: "Looking for your face" }];
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((line, i) => {
    const item = list.children[i] || list.appendChild(document.createElement("li"));
    if (item.textContent !== line.says) item.textContent = line.says;
    item.dataset.ok = String(line.ok);
  });
  const good = Boolean(found && found.ready);
  $("#check .mirror").dataset.good = String(good);
  const press = $("#check button");
  if (good && visit.step === "check" && visit.channel) { press.disabled = false; press.textContent = "Start the film"; }
}

function stopCamera() {
  if (visit.step === "over") { film.removeAttribute("src"); film.load(); }
  if (visit.stream) for (const track of visit.stream.getTracks()) { track.onended = null; track.stop(); }
  visit.stream = null;
  hangUp();
}

function hangUp() {
  const peer = visit.peer;
  visit.peer = visit.channel = null;
  if (peer) { peer.onconnectionstatechange = null; peer.close(); }
}

async function cameraGone() {
  if (visit.step === "over") return;
  film.pause();
  report(false);
  visit.step = "over";
  await ask("end", { how: "broken" }).catch(() => {});
  stopCamera();
  say("The camera was taken away", "What was recorded until then is kept.",
    "It was unplugged, or its permission was withdrawn. To begin again, reload the page.", "Reload", again);
}

// --- the connection ---------------------------------------------------------------------------------

async function connect() {
  hangUp();
  const peer = new RTCPeerConnection({ iceServers: visit.servers });
  visit.peer = peer;
  const channel = visit.channel = peer.createDataChannel("rapt");
  const track = visit.stream.getVideoTracks()[0];
  const sender = peer.addTransceiver(track, { direction: "sendonly", streams: [visit.stream] }).sender;
  const open = new Promise((done, fail) => {
    channel.onopen = done;
    setTimeout(() => fail(new Error("no way through")), CONNECT_MS);
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "failed") fail(new Error("no way through"));
    };
  });
  open.catch(() => {});
  channel.onmessage = (event) => hear(JSON.parse(event.data));
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  const said = await ask("connect", { sdp: peer.localDescription.sdp });
  await peer.setRemoteDescription({ type: "answer", sdp: said.sdp });
  await open;
  const parameters = sender.getParameters();
  if (parameters.encodings && parameters.encodings.length) {
    parameters.encodings[0].maxBitrate = 1200000;
    await sender.setParameters(parameters).catch(() => {});
  }
  const lost = () => { if (visit.peer === peer && visit.step !== "over") broken(); };
  channel.onclose = lost;
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === "failed") lost();
    if (peer.connectionState === "disconnected") setTimeout(() => peer.connectionState === "disconnected" && lost(), 2500);
  };
}

function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
    setTimeout(done, GATHER_MS);
  });
}

function hear(value) {
  if (value.k === "ping") tell({ k: "pong", n: value.n, at: now() });
  if (value.k === "check") lines(value);
}

// A connection that broke: the film waits, and goes on where it was.
let mending = false;
async function broken() {
  if (mending || visit.step === "over") return;
  mending = true;
  const step = visit.step;
  film.pause();
  hangUp();
  if (step === "film") veil("The connection broke", "Trying again. The film goes on where it stopped.");
  else {
    // what was seen before says nothing of the new connection: the film waits for its pictures
    lines(null);
    $("#check button").disabled = true;
    $("#check .mirror-note").textContent = "The connection broke. Trying again";
  }
  for (let tried = 1; tried <= TRIES; tried++) {
    try {
      await connect();
      mending = false;
      if (step === "film") { await visit.resume(); unveil(); } else $("#check .mirror-note").textContent = "";
      return;
    } catch (error) {
      if (visit.step === "over") { mending = false; return; }
      if (error instanceof Refused && (error.status === 410 || error.status === 404)) break;
      await sleep(Math.min(8000, 700 * tried));
    }
  }
  mending = false;
  visit.step = "over";
  stopCamera();
  say("The connection could not be made again",
    step === "film" ? "What was recorded until it broke is kept." : "Nothing was recorded.",
    "You may close this page. To begin again, reload it.", "Reload", again);
}

// --- 3: film ------------------------------------------------------------------------------------------

async function start(press) {
  const wrong = $("#check .wrong");
  wrong.textContent = "";
  // A phone lets a page play sound only if the first play was a press.
  film.muted = false;
  film.play().catch(() => {});
  film.pause();
  try {
    await loaded();
    await ask("start", {});
  } catch (error) {
    film.pause();
    if (error instanceof Refused) {
      wrong.textContent = sentence(error);
      press.disabled = false;
    } else {
      visit.step = "over";
      await ask("end", { how: "withdrawn" }).catch(() => {});
      stopCamera();
      say("This browser cannot play the film", "Nothing was recorded.",
        "Open the link in another browser, or on another device.");
    }
    return;
  }
  show("film");
  keepAwake();
  const count = $("#film .count");
  count.hidden = false;
  for (let left = COUNT_S; left > 0; left--) {
    count.innerHTML = "";
    const number = document.createElement("b");
    number.textContent = left;
    count.append(number, "The film is about to begin");
    await sleep(1000);
  }
  visit.step = "film";
  visit.resume = () => film.play();
  film.onended = () => finish();
  for (const name of ["pause", "waiting", "seeking", "ended"]) film.addEventListener(name, () => report(false));
  film.addEventListener("playing", () => count.remove(), { once: true });
  film.onerror = () => filmFailed();
  watch();
  await film.play().catch(() => veil("Ready", "Press to begin.", "Play", () => { unveil(); film.play(); }));
}

function loaded() {
  if (film.currentTime) film.currentTime = 0;
  if (film.readyState >= 3) return Promise.resolve();
  return new Promise((done, fail) => {
    film.addEventListener("canplay", done, { once: true });
    film.addEventListener("error", () => fail(new Error("no film")), { once: true });
    if (film.error) fail(new Error("no film"));
    setTimeout(done, 15000);
  });
}

async function filmFailed() {
  if (visit.step === "over") return;
  visit.step = "over";
  await ask("end", { how: "broken" }).catch(() => {});
  stopCamera();
  say("The film stopped", "It could not be loaded to its end. What was recorded until then is kept.",
    "To begin again, reload the page.", "Reload", again);
}

// Which moment of the film was on the screen when: told several times a second.
let reported = 0;
function report(playing, at = now(), t = film.currentTime) {
  if (visit.step === "film") tell({ k: "film", at, t: t * 1000, playing });
  reported = at;
}

function watch() {
  if (film.requestVideoFrameCallback) {
    const seen = (_, frame) => {
      // some browsers count this from elsewhere
      const soon = Math.abs(frame.expectedDisplayTime - performance.now()) < 500;
      const at = soon ? performance.timeOrigin + frame.expectedDisplayTime : now();
      if (!film.paused && at - reported >= REPORT_MS) report(true, at, frame.mediaTime);
      if (visit.step === "film") film.requestVideoFrameCallback(seen);
    };
    film.requestVideoFrameCallback(seen);
    // a still picture gives no new frames, yet the film runs
    setInterval(() => { if (moving() && now() - reported > 3 * REPORT_MS) report(true); }, REPORT_MS);
  } else {
    setInterval(() => { if (moving()) report(true); }, REPORT_MS);
  }
}

const moving = () => visit.step === "film" && !film.paused && !film.ended && film.readyState >= 3;

function veil(title, text, main = "", action = null, other = "", otherAction = null) {
  const box = $("#film .veil");
  $("h1", box).textContent = title;
  $("p", box).textContent = text;
  const [first, second] = box.querySelectorAll("button");
  first.hidden = !main; first.textContent = main; first.onclick = action;
  second.hidden = !other; second.textContent = other; second.onclick = otherAction;
  box.hidden = false;
  $("#film .stop").hidden = true;
  if (main) first.focus();
}

function unveil() { $("#film .veil").hidden = true; $("#film .stop").hidden = false; }

$("#film .stop").onclick = () => {
  film.pause();
  veil("Stop here?", "What was recorded of you is then deleted.", "Go on watching",
    () => { unveil(); film.play(); }, "Stop and delete", withdraw);
};

document.addEventListener("visibilitychange", () => {
  if (visit.step !== "film" || mending) return;
  if (document.hidden) film.pause();
  else if (film.paused && $("#film .veil").hidden) {
    keepAwake();
    veil("The film waits for you", "It stopped when you left the page.", "Go on watching", () => { unveil(); film.play(); });
  }
});

async function keepAwake() {
  try { wakeLock = navigator.wakeLock ? await navigator.wakeLock.request("screen") : null; } catch { wakeLock = null; }
}

async function finish() {
  report(false);
  visit.step = "over";
  await sleep(300); // the last pictures are still on their way
  stopCamera();
  if (wakeLock) wakeLock.release().catch(() => {});
  let ended = null;
  for (let tried = 0; tried < 5 && !ended; tried++) {
    ended = await ask("end", { how: "done" }).catch((error) => (error.status ? { wrong: error } : null));
    if (!ended) await sleep(1000 * (tried + 1));
  }
  if (!ended) return say("The server cannot be reached", "What was recorded until now is kept.", "You can close this page.");
  if (ended.wrong) return say("The connection was lost", "What was recorded until then is kept.", "You can close this page.");
  if (!ended.kept) {
    return say("Nothing could be recorded", "No usable picture of your camera arrived.",
      "To begin again, reload the page. Another network may help.", "Reload", again);
  }
  say("Thank you", "Your response was saved. The camera is off.", "You can close this page now. If you have changed your mind, what was recorded of you can be deleted.",
    "Delete what was recorded", withdraw);
  $("#words button").className = "";
}

async function withdraw() {
  visit.step = "over";
  hangUp();
  stopCamera();
  try {
    await ask("end", { how: "withdrawn" });
    say("It is deleted", "Nothing that was recorded of you is left.", "You can close this page now.");
  } catch (error) {
    say("It could not be deleted", error.message, "Write to the people who sent you the link.", error.status ? "" : "Try again", withdraw);
  }
}

// A closed page ends the visit at once; a page that is only hidden does not.
window.addEventListener("pagehide", (event) => {
  if (event.persisted || !visit.key || visit.step === "over") return;
  navigator.sendBeacon(`${here}/end`, JSON.stringify({ visit: visit.key, how: visit.step === "film" ? "broken" : "withdrawn" }));
});

if (given.wrong) say(...given.wrong);
else {
  const wrong = unable();
  if (wrong) say(...wrong);
  else consent();
}
