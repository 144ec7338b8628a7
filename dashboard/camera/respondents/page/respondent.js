// The respondent's page: consent, camera check, film, thanks. It asks nobody but its own server.

import { CameraError, openCamera } from "../../connection/camera.js";
import { CameraLink } from "./camera_link.js";
import { askConsent } from "./consent.js";
import { Course } from "./course.js";
import { capable, DeviceLink, hold, inTime, prepare, sendLeft } from "./device_link.js";
import { FilmReports, loaded } from "./film_reports.js";
import { preview } from "./preview.js";
import { Ratings } from "./rating.js";
import { $, note, say, sayAndReload, show, showLines, unveil, veil, veiled } from "./screens.js";
import { ask, Refused, sayGoodbye } from "./server.js";
import { speak, t, translate } from "./words.js";

const COUNT_S = 3; // a resting face before the film: the baseline
const CHECK_PATIENCE_MS = 12000; // after that the film may be started all the same
const TRIES = 8; // to connect again after a break
const TO_SERVER_HZ = 15; // pictures a second
const PICTURE_MS = 8000; // a connection that stands and brings no picture is made anew

const given = JSON.parse($("#given").textContent);
speak(given.words);
translate(document.body);
const film = $("#film > video");
const mirror = $("#check .mirror video");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const visit = { key: "", film: "", secret: "", device: false, step: "consent" }; // `step` goes consent, check, film, over
let seen = null; // the newest lines of the camera check
let mending = false;
/** What reads the face on this device, where that can be: it loads while the text is read. */
const preparing = given.device && capable() ? prepare(given.device) : null;
// a browser may refuse to keep anything
const left = preparing ? sendLeft(given.course).catch(() => {}) : null;
/** @type {WakeLockSentinel | null | undefined} */
let wakeLock = null;

const post = (what, value = {}) => ask(what, { visit: visit.key, ...value });

const toServer = new CameraLink({
  exchange: async ({ sdp }) => ({ type: "answer", ...(await post("connect", { sdp })) }),
  hear: (value) => value.k === "check" && lines(value),
  lost: () => mend(),
});
let link = /** @type {any} */ (toServer);
const reports = new FilmReports(film, (value) => link.tell(value));
const ratings = new Ratings(film, (value) => link.tell(value));

// -- a course: the server says which screen is next; a page that is opened anew goes on there --

const KEPT = `rapt-visit:${location.pathname}`;
const SECRET = `rapt-secret:${location.pathname}`;
const startLabel = given.course ? "Continue" : "Start the film";
/** @type {(() => void) | null} */
let cameraReady = null;
const course = new Course({
  go: (at, answers, late) => post("go", { at, answers, late }),
  back: () => post("back"),
  camera: (_screen, done) => {
    cameraReady = done;
    if (link.stream && link.channel) done();
    else check();
  },
  film: (screen, done) => courseFilm(screen, done),
  stop: () => {
    if (link.stream) stopCamera();
  },
  forget: () => {
    visit.step = "over";
    reports.stop();
    forgetVisit();
  },
  withdraw: () => withdraw(),
});

function enter(begun) {
  visit.key = begun.visit;
  visit.film = begun.film;
  visit.secret = begun.secret;
  visit.device = begun.device;
  toServer.servers = begun.iceServers;
  hold(visit.key);
  if (!begun.screen) return check();
  sessionStorage.setItem(KEPT, begun.visit);
  sessionStorage.setItem(SECRET, begun.secret);
  visit.step = "course";
  return course.open(begun.screen, begun.camera);
}

function forgetVisit() {
  sessionStorage.removeItem(KEPT);
  sessionStorage.removeItem(SECRET);
}

/** Whether a visit that was begun in this tab goes on. */
async function resumed() {
  const key = given.course ? sessionStorage.getItem(KEPT) : null;
  if (!key) return false;
  await left; // the film that was cut off takes nothing after this
  const secret = sessionStorage.getItem(SECRET) ?? "";
  try {
    const begun = await course.patiently(() => ask("resume", { visit: key, secret }));
    await enter({ ...begun, secret });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if ([404, 410].includes(error.status)) {
      forgetVisit();
      return false;
    }
    sayAndReload(error.message, "What you answered is kept.", error.hint);
    return true;
  }
}

/** A film of a course: recorded, unless it is clutter; with a slider or keys, where wanted. */
async function courseFilm(screen, done) {
  film.pause();
  film.muted = false;
  film.src = screen.film;
  if (screen.pause_s) {
    say("The next film begins in a moment", "");
    await sleep(1000 * screen.pause_s);
  }
  try {
    await loaded(film);
    if (screen.record) await link.begin(await begun());
  } catch (error) {
    const hint = error instanceof Refused ? error.hint : "";
    return sayAndReload("The film cannot be shown just now.", error.message, hint);
  }
  show("film");
  unveil();
  ratings.begin("none");
  keepAwake();
  await countDown();
  visit.step = "film";
  film.onended = async () => {
    if (visit.step !== "film") return;
    reports.stop();
    ratings.begin("none");
    visit.step = "course";
    if (screen.record) filmSent(done);
    else done();
  };
  film.addEventListener("playing", () => ($("#film .count").hidden = true), { once: true });
  film.onerror = () => filmFailed();
  if (screen.record) reports.start();
  ratings.begin(screen.rating);
  await play();
}

/** Resolves when the server has what was seen of a film, or when waiting has no end. */
async function sent() {
  const waits = setTimeout(() => say("Sending the last numbers", "Leave this page open."), 1500);
  const settled = await link.settled();
  clearTimeout(waits);
  return settled;
}

/** A course goes on when the server has its film, or wants no more of it. */
async function filmSent(done) {
  if ((await sent()) || link.refused) return done();
  const again = () => filmSent(done);
  say("The connection was lost", "What was sent until now is kept.", "", "Try again", again);
}

/** A recording begins; where the connection is just being made again, it waits for that. */
async function begun() {
  for (let tried = 1; ; tried += 1) {
    try {
      return await post("start", { device: link instanceof DeviceLink });
    } catch (error) {
      if (!(error instanceof Refused) || tried === TRIES) throw error;
      await sleep(700);
    }
  }
}

// -- what may be in the way ---------------------------------------------------------------

/** @returns {[string, string, string] | null} */
function unable() {
  if (!window.isSecureContext) {
    return [
      "This page needs a secure address",
      "Browsers give the camera only to addresses that begin with https.",
      "Tell the people who sent you the link.",
    ];
  }
  if (!(Boolean(navigator.mediaDevices?.getUserMedia) && window.RTCPeerConnection)) {
    return [
      "This browser cannot take part",
      "It has no access to a camera, or it is too old.",
      "Open the link in a current Chrome, Edge, Firefox or Safari.",
    ];
  }
  return null;
}

// -- 1: consent ---------------------------------------------------------------------------

async function begin(respondent) {
  const panel = new URLSearchParams(location.search).get("id") ?? "";
  const { language, read } = given;
  const device = Boolean(preparing);
  await enter(await post("begin", { read, respondent, language, panel_id: panel, device }));
}

// -- 2: camera ----------------------------------------------------------------------------

async function check() {
  visit.step = "check";
  show("check");
  if (!given.course) film.src = visit.film; // loads meanwhile
  note("Allow the camera when your browser asks");
  lines(null);
  const press = $("#check button");
  press.disabled = true;
  press.textContent = t(startLabel);
  try {
    link.stream = await openCamera({
      facingMode: "user",
      width: { ideal: 640 },
      height: { ideal: 480 },
      frameRate: { ideal: visit.device ? 30 : TO_SERVER_HZ, max: 30 },
    });
  } catch (error) {
    if (!(error instanceof CameraError)) throw error;
    const lede = error.denied
      ? "Without it you cannot take part. Nothing was recorded."
      : error.why;
    return say(
      error.message,
      lede,
      t("{todo}, then try again.", { todo: t(error.todo) }),
      "Try again",
      check,
    );
  }
  mirror.srcObject = link.stream;
  mirror.play().catch(() => {});
  link.stream.getVideoTracks()[0].onended = () => cameraGone();
  if (await readHere()) note("Your face is read on this device. Only numbers leave it");
  else {
    toServer.stream = link.stream;
    link = toServer;
    const [track] = link.stream.getVideoTracks();
    // a camera that cannot sends more than is read
    await track.applyConstraints({ frameRate: { ideal: TO_SERVER_HZ, max: 30 } }).catch(() => {});
    note("Connecting");
    try {
      await link.open().catch((error) => {
        if (error instanceof Refused) throw error;
        note("Connecting again");
        return link.open();
      });
    } catch (error) {
      return unreached(error);
    }
    note(given.device ? "This device is too slow to read your face: the server does it" : "");
  }
  const inCheck = () => visit.step === "check";
  setTimeout(() => inCheck() && !seen && mend(), PICTURE_MS);
  setTimeout(() => {
    if (!inCheck() || !press.disabled || !seen) return;
    press.disabled = false;
    press.textContent = t("Start anyway");
  }, CHECK_PATIENCE_MS);
  press.onclick = () => {
    press.disabled = true;
    if (!given.course) {
      start(press);
      return;
    }
    visit.step = "course";
    link.rest();
    // a phone lets a page play sound only if the first play was a press
    film.play().catch(() => {});
    film.pause();
    cameraReady?.();
  };
}

/** Let this device read the face; false where it cannot, or is too slow for it. */
async function readHere() {
  if (!preparing || !visit.device) return false;
  note("Preparing to read your face on this device");
  const prepared = await inTime(preparing, given.device.ready_s);
  if (!prepared) return false;
  const { hear, stream } = link;
  const limits = given.device;
  const own = new DeviceLink({ prepared, hear, limits, secret: visit.secret, visit });
  own.stream = stream;
  try {
    await own.open();
  } catch {
    own.camera?.stop();
    own.eye?.remove();
    return false;
  }
  link = own;
  return true;
}

function unreached(error) {
  const refused = error instanceof Refused;
  say(
    "The connection could not be made",
    refused ? error.message : "Your network does not let the camera's data through.",
    (refused && error.hint) ||
      "Try another network: a phone's own instead of a company's, or the other way round.",
    "Try again",
    () => {
      stopCamera();
      check();
    },
  );
}

function lines(found) {
  seen = found;
  showLines(found);
  if (!found?.ready || visit.step !== "check" || !link.channel) return;
  const press = $("#check button");
  press.disabled = false;
  press.textContent = t(startLabel);
}

function stopCamera() {
  if (visit.step === "over") {
    film.removeAttribute("src");
    film.load();
  }
  link.close();
}

async function cameraGone() {
  if (visit.step === "over") return;
  film.pause();
  await over("broken");
  sayAndReload(
    "The camera was taken away",
    "What was recorded until then is kept.",
    "It was unplugged, or its permission was withdrawn. To begin again, reload the page.",
  );
}

/** The visit ends before its film does. */
async function over(how) {
  reports.stop();
  visit.step = "over";
  if (how !== "withdrawn") await link.settled();
  await post("end", { how }).catch(() => {});
  stopCamera();
}

/** A connection that broke is made again: the film waits, and goes on where it was. */
async function mend() {
  if (mending || visit.step === "over") return;
  mending = true;
  const watching = visit.step === "film";
  film.pause();
  link.hangUp();
  if (watching) {
    veil("The connection broke", "Trying again. The film goes on where it stopped.");
  } else {
    // what was seen before says nothing of the new connection: the film waits for its pictures
    lines(null);
    $("#check button").disabled = true;
    note("The connection broke. Trying again");
  }
  const connected = await tryAgain();
  mending = false;
  if (connected && watching) {
    unveil();
    await play();
  } else if (connected) note("");
  else if (visit.step !== "over") {
    visit.step = "over";
    stopCamera();
    sayAndReload(
      "The connection could not be made again",
      watching ? "What was recorded until it broke is kept." : "Nothing was recorded.",
      given.course
        ? "To go on where you stopped, reload the page."
        : "You may close this page. To begin again, reload it.",
    );
  }
}

async function tryAgain() {
  for (let tried = 1; tried <= TRIES; tried += 1) {
    try {
      await link.open();
      return true;
    } catch (error) {
      if (visit.step === "over") return false;
      if (error instanceof Refused && [404, 410].includes(error.status)) return false;
      await sleep(Math.min(8000, 700 * tried));
    }
  }
  return false;
}

// -- 3: film ------------------------------------------------------------------------------

async function start(press) {
  const wrong = $("#check .wrong");
  wrong.textContent = "";
  // A phone lets a page play sound only if the first play was a press.
  film.muted = false;
  film.play().catch(() => {});
  film.pause();
  try {
    await loaded(film);
    await link.begin(await post("start", { device: link instanceof DeviceLink }));
  } catch (error) {
    film.pause();
    if (error instanceof Refused) {
      wrong.textContent = error.sentence;
      press.disabled = false;
      return;
    }
    await over("withdrawn");
    const hint = "Open the link in another browser, or on another device.";
    say("This browser cannot play the film", "Nothing was recorded.", hint);
    return;
  }
  show("film");
  keepAwake();
  await countDown();
  visit.step = "film";
  film.onended = () => finish();
  film.addEventListener("playing", () => ($("#film .count").hidden = true), { once: true });
  film.onerror = () => filmFailed();
  reports.start();
  await play();
}

async function countDown() {
  const count = $("#film .count");
  count.hidden = false;
  for (let left = COUNT_S; left > 0; left -= 1) {
    const number = document.createElement("b");
    number.textContent = String(left);
    count.replaceChildren(number, t("The film is about to begin"));
    await sleep(1000);
  }
}

function goOn() {
  unveil();
  play();
}

/** Play the film; where the browser wants a press for it, ask for one. */
const play = () => film.play().catch(() => veil("Ready", "Press to begin.", ["Play", goOn]));

async function filmFailed() {
  if (visit.step === "over") return;
  await over("broken");
  sayAndReload(
    "The film stopped",
    "It could not be loaded to its end. What was recorded until then is kept.",
    "To begin again, reload the page.",
  );
}

$("#film .stop").onclick = () => {
  film.pause();
  const stay = ["Go on watching", goOn];
  veil("Stop here?", "What was recorded of you is then deleted.", stay, [
    "Stop and delete",
    withdraw,
  ]);
};

document.addEventListener("visibilitychange", () => {
  if (visit.step !== "film" || mending) return;
  if (document.hidden) film.pause();
  else if (film.paused && !veiled()) {
    keepAwake();
    veil("The film waits for you", "It stopped when you left the page.", ["Go on watching", goOn]);
  }
});

async function keepAwake() {
  wakeLock = await navigator.wakeLock?.request("screen").catch(() => null);
}

// -- the end ------------------------------------------------------------------------------

async function finish() {
  reports.stop();
  visit.step = "over";
  const settled = await sent();
  stopCamera();
  wakeLock?.release().catch(() => {});
  const close = "You can close this page.";
  if (!settled) {
    const later = "What could not be sent is kept on this device. Open this link again to send it.";
    return say("The connection was lost", "What was sent until now is kept.", later);
  }
  const ended = await endIt();
  if (!ended) say("The server cannot be reached", "What was recorded until now is kept.", close);
  else if (ended.wrong)
    say("The connection was lost", "What was recorded until then is kept.", close);
  else if (!ended.kept) {
    sayAndReload(
      "Nothing could be recorded",
      "No usable picture of your camera arrived.",
      "To begin again, reload the page. Another network may help.",
    );
  } else {
    say(
      "Thank you",
      "Your response was saved. The camera is off.",
      "You can close this page now. If you have changed your mind, what was recorded of you can be deleted.",
      "Delete what was recorded",
      withdraw,
    );
    $("#words button").className = "";
  }
}

/** The server's word for what was kept; null where it is not reached in five tries. */
async function endIt() {
  for (let tried = 1; tried <= 5; tried += 1) {
    try {
      return await post("end", { how: "done" });
    } catch (error) {
      if (error.status) return { wrong: true };
      await sleep(1000 * tried);
    }
  }
  return null;
}

async function withdraw() {
  visit.step = "over";
  forgetVisit();
  stopCamera();
  try {
    await link.forget();
    await post("end", { how: "withdrawn" });
    say(
      "It is deleted",
      "Nothing that was recorded of you is left.",
      "You can close this page now.",
    );
  } catch (error) {
    const hint = "Write to the people who sent you the link.";
    const button = error.status ? "" : "Try again";
    say("It could not be deleted", error.message, hint, button, withdraw);
  }
}

// A closed page ends the visit at once; a page that is only hidden does not.
window.addEventListener("pagehide", (event) => {
  if (event.persisted || !visit.key || visit.step === "over" || given.course) return;
  // what was read here and not sent yet is kept, and sent when the page is opened again
  if (visit.step === "film" && link instanceof DeviceLink) return link.pack();
  sayGoodbye(visit.key, visit.step === "film" ? "broken" : "withdrawn");
});

/** @type {[string, string, string] | null} */
const wrong = given.wrong ?? (given.preview ? null : unable());
if (given.preview) askConsent(given, () => preview(given.preview, film));
else if (wrong) say(...wrong);
else if (!(await resumed())) askConsent(given, begin);
