// What can go wrong between a camera and this page, said so that a person can mend it.

const CAMERA = {
  NotAllowedError: ["The browser does not let this page use the camera.", "Allow the camera in the address bar's site settings, then press START again."],
  NotFoundError: ["No camera was found on this device.", "Connect one, or allow it in the system's privacy settings, then press START again."],
  NotReadableError: ["The camera cannot be opened.", "Another program may be using it: close that one, then press START again."],
  AbortError: ["The camera stopped before it gave a picture.", "Connect it again, then press START."],
  SecurityError: ["This browser forbids cameras on this page.", "Open the page in a window of its own."],
};
const INSECURE = ["Browsers give the camera only to pages opened over HTTPS or on this machine.", "Serve with rapt serve --tls, or open http://localhost on the server itself."];
const NO_ROUTES = ["This server cannot take a camera: it was started without its own routes.", "Start it with rapt serve."];
const UNREACHED = ["The browser and the server did not reach each other.", "A firewall may be between them; from another network a TURN server is needed."];
const NO_PICTURE = ["The camera is on but no picture reached the server.", "Press START again; if it happens again, try another camera."];
const BUSY = ["The server does not answer at the moment.", "The session goes on; its numbers come back when the server does."];
const LOST = ["The connection to the server was lost.", "What was measured until then is kept. Reload the page when the server is back."];

function cameraWords(error) {
  return CAMERA[error?.name] ?? ["The camera cannot be used.", String(error?.message || error || "").slice(0, 200)];
}

class Refused extends Error {
  constructor([message, hint], link = null) { super(message); this.words = [message, hint]; this.link = link; }
}

function clockText(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60, seconds = whole % 60;
  const tail = String(seconds).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** The finding, in the place of a title: who is there, who attends, where engagement goes. */
function finding(view) {
  if (view.state === "paused") return "Paused: nothing is measured.";
  if (!view.people) return "Nobody is in view.";
  const all = view.people === view.attending ? (view.people > 2 ? "all" : view.people === 2 ? "both" : "") : view.attending ? String(view.attending) : "nobody";
  const who = view.people === 1 && view.attending === 1 ? "One person, attending" : `${counted(view.people, "person", "people")}, ${all} attending`;
  if (view.engagement === null) return `${who}; no face can be read well enough.`;
  const curve = view.window ?? [];
  const mean = (part) => {
    const known = part.map((one) => one.engagement).filter((value) => value !== null && value !== undefined);
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  };
  const end = curve.length ? curve.at(-1).t : 0;
  const now = mean(curve.filter((one) => one.t > end - 5000));
  const before = mean(curve.filter((one) => one.t <= end - 5000 && one.t > end - 25000));
  const way = now === null || before === null || end < 15000 ? "" : `; engagement is ${now - before > 6 ? "rising" : now - before < -6 ? "falling" : "steady"}`;
  return `${who}${way}.`;
}
