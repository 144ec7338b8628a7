// Checks what a camera needs, in the order in which it would fail, and says what to do.

import { post } from "../../shared/web/post.js";
import { CameraError, listCameras, openCamera, stopTracks } from "./camera.js";
import { browserTime, connect, gathered, NotReached, within } from "./peer.js";

const GATHER_MS = 6000; // a TURN server that is silent takes that long
const REACH_MS = 12000;

/** What is checked, in the order in which it is listed. */
const LINES = {
  secure: "Secure address",
  camera: "Camera",
  allowed: "Permission",
  ways: "Ways out",
  stun: "STUN",
  turn: "TURN",
  server: "Way to the server",
  picture: "First picture",
};
const WRONG = {
  secure: "The address is not secure: no camera can be used here.",
  camera: "This device has no camera.",
  allowed: "The camera is not allowed for this page.",
  ways: "This browser offers no network address.",
  stun: "The STUN server does not answer.",
  turn: "The TURN server cannot be used.",
  server: "The camera's data cannot reach the server.",
  picture: "No picture reaches the server.",
};

/** The list on the page: a line for each thing that was looked at, and the verdict over it. */
class Findings {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector(".lines");
    this.states = {};
  }
  clear() {
    this.list.replaceChildren();
    this.states = {};
  }
  say(key, state, says, todo = "") {
    this.states[key] = state;
    const item = this.list.querySelector(`[data-key="${key}"]`) ?? this.insert(key);
    item.dataset.state = state;
    item.querySelector(".says").textContent = says;
    item.querySelector(".do").textContent = todo;
    item.querySelector(".do").hidden = !todo;
    this.conclude();
  }
  insert(key) {
    const item = document.createElement("li");
    item.dataset.key = key;
    item.innerHTML = '<i></i><b></b><span class="says"></span><span class="do"></span>';
    /** @type {HTMLElement} */ (item.querySelector("b")).textContent = LINES[key];
    const order = Object.keys(LINES);
    const later = (one) => order.indexOf(one.dataset.key) > order.indexOf(key);
    this.list.insertBefore(item, [...this.list.children].find(later) ?? null);
    return item;
  }
  conclude() {
    const bad = Object.keys(this.states).find((key) => this.states[key] === "bad");
    const busy = Object.values(this.states).includes("busy");
    let verdict = "Nothing is in the way so far. Test with the camera to be sure.";
    if (bad) verdict = WRONG[bad];
    else if (busy) verdict = "Checking";
    else if (this.states.picture === "ok") {
      verdict = "Everything works: this browser's pictures reach the server.";
    }
    this.root.querySelector(".verdict").textContent = verdict;
    this.root.dataset.done = String(!busy);
  }
}

class ConnectionCheck {
  constructor(root, data) {
    this.data = data;
    this.findings = new Findings(root);
    this.say = this.findings.say.bind(this.findings);
    this.video = root.querySelector("video");
    this.press = root.querySelector(".try");
    this.again = root.querySelector(".again");
    this.press.onclick = () => this.withCamera();
    this.again.onclick = () => this.withoutCamera();
  }
  async withoutCamera() {
    this.findings.clear();
    this.press.disabled = this.again.disabled = true;
    const able = this.secure();
    if (able) await this.cameras();
    if (window.RTCPeerConnection) {
      await this.addresses(this.data.iceServers);
      await this.server(null);
    } else {
      const todo = "Use a current Chrome, Edge, Firefox or Safari.";
      this.say("server", "bad", "This browser has no WebRTC.", todo);
    }
    this.press.disabled = !able;
    this.again.disabled = false;
  }
  async withCamera() {
    this.press.disabled = this.again.disabled = true;
    this.say("allowed", "busy", "Waiting for you to allow the camera");
    /** @type {MediaStream | null} */
    let stream = null;
    try {
      stream = await openCamera({ width: { ideal: 640 } });
      const { width, height, frameRate } = stream.getVideoTracks()[0].getSettings();
      const rate = Math.round(frameRate || 0);
      const gives = `The camera gives ${width} × ${height}, ${rate} pictures a second.`;
      this.say("allowed", "ok", `Allowed. ${gives}`);
      await this.cameras(true);
      this.video.srcObject = stream;
      await this.server(stream);
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      this.say("allowed", "bad", `${error.message}. ${error.why}`, error.hint("check again"));
    } finally {
      stopTracks(stream);
      this.video.srcObject = null;
      this.press.disabled = this.again.disabled = false;
    }
  }
  secure() {
    const address = `${location.protocol}//${location.host}`;
    if (!window.isSecureContext) {
      this.say(
        "secure",
        "bad",
        `${address} is not secure, so this browser gives no camera.`,
        "Start with rapt serve --tls, or put Rapt behind a proxy with https; on the server itself, open it as http://localhost.",
      );
      return false;
    }
    const encrypted = location.protocol === "https:";
    const says = encrypted ? `${address} is encrypted.` : `${address} is this machine's own.`;
    this.say("secure", "ok", says);
    return true;
  }
  async cameras(named = false) {
    const found = await listCameras();
    const names = named && found[0]?.label ? `: ${found.map((one) => one.label).join(", ")}` : "";
    if (!found.length) {
      const todo = "Connect one, or use a device that has one.";
      this.say("camera", "bad", "No camera is connected.", todo);
    } else {
      const says = found.length === 1 ? "One camera" : `${found.length} cameras`;
      this.say("camera", "ok", `${says}${names}.`);
    }
    if (named) return;
    const name = /** @type {PermissionName} */ ("camera");
    const asked = navigator.permissions?.query({ name });
    const state = await asked?.then(
      (one) => one.state,
      () => "prompt",
    );
    if (state === "denied") {
      const error = new CameraError({ name: "NotAllowedError" });
      this.say("allowed", "bad", `${error.message}. ${error.why}`, error.hint("check again"));
    } else if (state === "granted") this.say("allowed", "ok", "This page may use the camera.");
    else this.say("allowed", "note", "The browser will ask when the camera is needed.");
  }
  /** Which addresses this browser finds, and whether the STUN and TURN servers answer. */
  async addresses(servers) {
    const urls = servers.flatMap((one) => one.urls);
    const stun = urls.find((one) => one.startsWith("stun"));
    const turn = urls.find((one) => one.startsWith("turn"));
    this.say("ways", "busy", "Looking for addresses of this browser");
    if (stun) this.say("stun", "busy", `Asking ${stun}`);
    if (turn) this.say("turn", "busy", `Asking ${turn}`);
    const { count, errors } = await candidates(servers);
    const parts = [`${count.host} in its own network`];
    if (stun) parts.push(`${count.srflx} seen from outside`);
    if (turn) parts.push(`${count.relay} by relay`);
    if (count.host + count.srflx + count.relay > 0) {
      this.say("ways", "ok", `Addresses: ${parts.join(", ")}.`);
    } else {
      const todo = "An extension or a company's policy may forbid WebRTC.";
      this.say("ways", "bad", "This browser offers no address at all.", todo);
    }
    const wrong = (kind) => errors.find((one) => (one.url || "").startsWith(kind));
    if (stun) this.stun(stun, count.srflx, wrong("stun"));
    if (turn) this.turn(turn, count.relay, wrong("turn"));
    if (!stun && !turn) {
      const todo =
        "Right for one network. For people elsewhere behind a router, name a TURN server below.";
      this.say("stun", "note", "No STUN or TURN server is set, and none is asked.", todo);
    }
  }
  stun(url, found, wrong) {
    if (found) this.say("stun", "ok", `${url} answers.`);
    else if (wrong) {
      const todo = "Check its name and port, and that UDP may pass.";
      this.say("stun", "bad", `${url} does not answer.`, todo);
    } else {
      const why = "there is no router in between, or it is silent";
      this.say("stun", "note", `${url} tells no other address: ${why}.`);
    }
  }
  turn(url, found, wrong) {
    if (found) this.say("turn", "ok", `${url} answers and relays.`);
    else if (wrong && [401, 403, 438, 441].includes(wrong.errorCode)) {
      const todo = "Check its user and credential, or the shared secret, below.";
      this.say("turn", "bad", `${url} refuses the login.`, todo);
    } else {
      const todo = "Check its name and port, and that its firewall lets this network in.";
      this.say("turn", "bad", `${url} does not answer.`, todo);
    }
  }
  /** A real connection to the server, with the camera's stream where there is one. */
  async server(stream) {
    this.say("server", "busy", "Connecting");
    if (stream) this.say("picture", "busy", "Waiting for the first picture");
    const peer = new RTCPeerConnection({ iceServers: this.data.iceServers });
    const channel = peer.createDataChannel("check");
    const messages = new Messages(channel);
    const began = performance.now();
    try {
      if (stream) {
        const [track] = stream.getVideoTracks();
        peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
      }
      const limits = { gatherMs: GATHER_MS, reachMs: REACH_MS, channel };
      await connect(peer, (offer) => this.exchange(offer), limits);
      const took = seconds(performance.now() - began);
      const back = Math.max(1, Math.round(await messages.roundTrip()));
      const way = await path(peer);
      this.say("server", "ok", `Connected in ${took}, ${way}. There and back in ${back} ms.`);
      if (stream) await this.picture(messages.first, began);
    } catch (error) {
      this.unreached(error);
      if (stream) this.say("picture", "bad", "No picture can arrive.");
    } finally {
      peer.close();
    }
  }
  /** @returns {Promise<RTCSessionDescriptionInit>} */
  async exchange({ sdp }) {
    const { ok, said } = await post(this.data.url, { sdp }, { token: this.data.token });
    if (!ok) throw new Error(said.error || "The server did not answer.");
    return { type: "answer", sdp: said.sdp };
  }
  unreached(error) {
    if (!(error instanceof NotReached)) {
      const todo = "Reload the page; if it happens again, see the server's log.";
      this.say("server", "bad", error.message, todo);
      return;
    }
    const relay = this.data.iceServers.some((one) =>
      one.urls.some((url) => url.startsWith("turn")),
    );
    this.say(
      "server",
      "bad",
      "The server answers, but no way for the camera's data was found.",
      relay
        ? "The TURN server must be reachable by both this browser and the server."
        : "A firewall or router is in between: open the server's UDP ports, or name a TURN server below.",
    );
  }
  async picture(first, began) {
    const value = await within(first, REACH_MS);
    if (value) {
      const took = seconds(performance.now() - began);
      this.say("picture", "ok", `After ${took}, ${value.width} × ${value.height} pixels.`);
    } else {
      const todo = "Another program may hold the camera, or the network loses too much.";
      this.say("picture", "bad", "The connection works, but no picture arrived.", todo);
    }
  }
}

/** The addresses that a browser finds, by kind, and what went wrong with servers. */
async function candidates(iceServers) {
  const peer = new RTCPeerConnection({ iceServers });
  const count = { host: 0, srflx: 0, prflx: 0, relay: 0 };
  const errors = [];
  peer.onicecandidate = ({ candidate }) => {
    if (candidate?.type) count[candidate.type] += 1;
  };
  peer.onicecandidateerror = (event) => errors.push(event);
  peer.createDataChannel("check");
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer, GATHER_MS);
  peer.close();
  return { count, errors };
}

/** What the server says over the data channel: pings are answered, echoes are timed. */
class Messages {
  constructor(channel) {
    this.channel = channel;
    this.echoed = (_n) => {};
    this.first = new Promise((done) => {
      channel.onmessage = (event) => {
        const value = JSON.parse(event.data);
        if (value.k === "first") done(value);
        if (value.k === "ping") this.send({ k: "pong", n: value.n, at: browserTime() });
        if (value.k === "echo") this.echoed(value.n);
      };
    });
  }
  send(value) {
    this.channel.send(JSON.stringify(value));
  }
  /** The shortest of five: what the network takes, not what a busy browser does. */
  async roundTrip() {
    let best = Infinity;
    for (let n = 1; n <= 5; n += 1) {
      const sent = performance.now();
      const heard = new Promise((done) => {
        this.echoed = (which) => which === n && done(true);
      });
      this.send({ k: "echo", n });
      if (await within(heard, 2000)) best = Math.min(best, performance.now() - sent);
    }
    return best;
  }
}

const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Which way the data goes, in words. */
async function path(peer) {
  const stats = new Map();
  (await peer.getStats()).forEach((one) => {
    stats.set(one.id, one);
  });
  const pairs = [...stats.values()].filter(
    (one) => one.type === "candidate-pair" && one.state === "succeeded",
  );
  const pair = pairs.find((one) => one.nominated) ?? pairs[0];
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId];
  const kinds = ends.map((id) => stats.get(id)?.candidateType);
  if (kinds.includes("relay")) return "by the TURN relay";
  if (kinds.includes("srflx")) return "directly, through a router";
  return "directly";
}

/** A component learns the page's theme by the colour of the text only. */
function followTheme(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
  root.classList.toggle("dark", r + g + b > 380);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".connection");
  const servers = JSON.stringify(data.iceServers);
  if (root.dataset.begun === servers) return;
  root.dataset.begun = servers;
  followTheme(root);
  new ConnectionCheck(root, data).withoutCamera();
}
