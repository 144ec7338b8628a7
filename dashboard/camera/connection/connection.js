// Checks what a camera needs, in the order in which it would fail, and says what to do.
const GATHER_MS = 6000;
const CONNECT_MS = 12000;

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

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".connection");
  if (root.dataset.begun === JSON.stringify(data.iceServers)) return;
  root.dataset.begun = JSON.stringify(data.iceServers);
  const list = root.querySelector(".lines");
  const verdict = root.querySelector(".verdict");
  const press = root.querySelector(".try");
  const again = root.querySelector(".again");
  const video = root.querySelector("video");
  const found = {};
  dress(root);

  function say(key, state, says, todo = "") {
    found[key] = state;
    let item = list.querySelector(`[data-key="${key}"]`);
    if (!item) {
      item = document.createElement("li");
      item.dataset.key = key;
      for (const [tag, name] of [["i", ""], ["b", ""], ["span", "says"], ["span", "do"]]) {
        const part = document.createElement(tag);
        if (name) part.className = name;
        item.append(part);
      }
      item.querySelector("b").textContent = LINES[key];
      const order = Object.keys(LINES);
      const after = [...list.children].find((one) => order.indexOf(one.dataset.key) > order.indexOf(key));
      list.insertBefore(item, after || null);
    }
    item.dataset.state = state;
    item.querySelector(".says").textContent = says;
    item.querySelector(".do").textContent = todo;
    item.querySelector(".do").hidden = !todo;
    conclude();
  }

  function conclude() {
    const states = Object.values(found);
    const bad = Object.keys(found).find((key) => found[key] === "bad");
    if (bad) verdict.textContent = WRONG[bad];
    else if (states.includes("busy")) verdict.textContent = "Checking";
    else if (found.picture === "ok") verdict.textContent = "Everything works: this browser's pictures reach the server.";
    else verdict.textContent = "Nothing is in the way so far. Test with the camera to be sure.";
    root.dataset.done = String(!states.includes("busy"));
  }

  async function without() {
    list.replaceChildren();
    for (const key of Object.keys(found)) delete found[key];
    press.disabled = again.disabled = true;
    const able = secure();
    if (able) await cameras();
    if (window.RTCPeerConnection) {
      await addresses(data.iceServers);
      await reach(null);
    } else say("server", "bad", "This browser has no WebRTC.", "Use a current Chrome, Edge, Firefox or Safari.");
    press.disabled = !able;
    again.disabled = false;
  }

  async function withCamera() {
    press.disabled = again.disabled = true;
    say("allowed", "busy", "Waiting for you to allow the camera");
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } }, audio: false });
      const { width, height, frameRate } = stream.getVideoTracks()[0].getSettings();
      say("allowed", "ok", `Allowed. The camera gives ${width} × ${height}, ${Math.round(frameRate || 0)} pictures a second.`);
      await cameras(true);
      video.srcObject = stream;
      await reach(stream);
    } catch (error) {
      say("allowed", "bad", DENIED[error.name] || `The camera could not be started (${error.name}).`, DENIED_TODO[error.name] || "Close other programs that use it.");
    } finally {
      if (stream) for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
      press.disabled = again.disabled = false;
    }
  }

  function secure() {
    const address = `${location.protocol}//${location.host}`;
    if (!window.isSecureContext) {
      say("secure", "bad", `${address} is not secure, so this browser gives no camera.`,
        "Start with rapt serve --tls, or put Rapt behind a proxy with https; on the server itself, open it as http://localhost.");
      return false;
    }
    say("secure", "ok", location.protocol === "https:" ? `${address} is encrypted.` : `${address} is this machine's own.`);
    return true;
  }

  async function cameras(named = false) {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const name = named && devices[0] && devices[0].label ? `: ${devices.map((one) => one.label).join(", ")}` : "";
    if (!devices.length) say("camera", "bad", "No camera is connected.", "Connect one, or use a device that has one.");
    else say("camera", "ok", `${devices.length === 1 ? "One camera" : `${devices.length} cameras`}${name}.`);
    if (named) return;
    const state = await navigator.permissions?.query({ name: "camera" }).then((one) => one.state, () => "prompt");
    if (state === "denied") say("allowed", "bad", DENIED.NotAllowedError, DENIED_TODO.NotAllowedError);
    else if (state === "granted") say("allowed", "ok", "This page may use the camera.");
    else say("allowed", "note", "The browser will ask when the camera is needed.");
  }

  async function addresses(servers) {
    const urls = servers.flatMap((one) => one.urls);
    const stun = urls.find((one) => one.startsWith("stun"));
    const turn = urls.find((one) => one.startsWith("turn"));
    say("ways", "busy", "Looking for addresses of this browser");
    if (stun) say("stun", "busy", `Asking ${stun}`);
    if (turn) say("turn", "busy", `Asking ${turn}`);
    const peer = new RTCPeerConnection({ iceServers: servers });
    const count = { host: 0, srflx: 0, prflx: 0, relay: 0 };
    const errors = [];
    peer.onicecandidate = (event) => { if (event.candidate?.type) count[event.candidate.type] += 1; };
    peer.onicecandidateerror = (event) => errors.push(event);
    peer.createDataChannel("check");
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    peer.close();
    const parts = [`${count.host} in its own network`];
    if (stun) parts.push(`${count.srflx} seen from outside`);
    if (turn) parts.push(`${count.relay} by relay`);
    const some = count.host + count.srflx + count.relay > 0;
    say("ways", some ? "ok" : "bad", some ? `Addresses: ${parts.join(", ")}.` : "This browser offers no address at all.",
      some ? "" : "An extension or a company's policy may forbid WebRTC.");
    if (!stun && !turn) {
      say("stun", "note", "No STUN or TURN server is set, and none is asked.",
        "Right for one network. For people elsewhere behind a router, name a TURN server below.");
      return;
    }
    if (stun) {
      const wrong = errors.find((one) => (one.url || "").startsWith("stun"));
      if (count.srflx) say("stun", "ok", `${stun} answers.`);
      else say("stun", wrong ? "bad" : "note", wrong ? `${stun} does not answer.` : `${stun} tells no other address: there is no router in between, or it is silent.`,
        wrong ? "Check its name and port, and that UDP may pass." : "");
    }
    if (turn) {
      const wrong = errors.find((one) => (one.url || "").startsWith("turn"));
      if (count.relay) say("turn", "ok", `${turn} answers and relays.`);
      else if (wrong && [401, 403, 438, 441].includes(wrong.errorCode)) {
        say("turn", "bad", `${turn} refuses the login.`, "Check its user and credential, or the shared secret, below.");
      } else say("turn", "bad", `${turn} does not answer.`, "Check its name and port, and that its firewall lets this network in.");
    }
  }

  async function reach(stream) {
    const key = "server";
    say(key, "busy", "Connecting");
    if (stream) say("picture", "busy", "Waiting for the first picture");
    const peer = new RTCPeerConnection({ iceServers: data.iceServers });
    const channel = peer.createDataChannel("check");
    const began = performance.now();
    const first = new Promise((done) => {
      channel.onmessage = (event) => {
        const value = JSON.parse(event.data);
        if (value.k === "first") done(value);
        if (value.k === "ping") channel.send(JSON.stringify({ k: "pong", n: value.n, at: performance.timeOrigin + performance.now() }));
        if (value.k === "echo") echo?.(value);
      };
    });
    let echo = null;
    try {
      if (stream) peer.addTransceiver(stream.getVideoTracks()[0], { direction: "sendonly", streams: [stream] });
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
      const answer = await fetch(data.url, { method: "POST", headers: { "X-Rapt-Token": data.token }, body: peer.localDescription.sdp });
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(said.error || "The server did not answer.");
      await peer.setRemoteDescription({ type: "answer", sdp: said.sdp });
      const opened = await within(new Promise((done) => { channel.onopen = () => done(true); if (channel.readyState === "open") done(true); }), CONNECT_MS);
      if (!opened) throw new NoWay(said.server);
      const took = Math.round(performance.now() - began);
      const back = await roundTrip(channel, (take) => { echo = take; });
      say(key, "ok", `Connected in ${seconds(took)}, ${await path(peer)}. There and back in ${Math.max(1, Math.round(back))} ms.`);
      if (stream) await pictures(first, began);
    } catch (error) {
      if (error instanceof NoWay) {
        const relay = data.iceServers.some((one) => one.urls.some((url) => url.startsWith("turn")));
        say(key, "bad", "The server answers, but no way for the camera's data was found.",
          relay ? "The TURN server must be reachable by both this browser and the server." : "A firewall or router is in between: open the server's UDP ports, or name a TURN server below.");
      } else say(key, "bad", error.message, "Reload the page; if it happens again, see the server's log.");
      if (stream) say("picture", "bad", "No picture can come.");
    } finally {
      peer.close();
    }
  }

  async function pictures(first, began) {
    const value = await within(first, CONNECT_MS);
    if (!value) say("picture", "bad", "The connection stands, but no picture came.", "Another program may hold the camera, or the network loses too much.");
    else say("picture", "ok", `After ${seconds(Math.round(performance.now() - began))}, ${value.width} × ${value.height} pixels.`);
  }

  press.onclick = withCamera;
  again.onclick = without;
  without();
}

class NoWay extends Error {}

const WRONG = {
  secure: "The address is not secure: no camera can be used here.",
  camera: "This device has no camera.",
  allowed: "The camera is not allowed for this page.",
  ways: "This browser offers no way out.",
  stun: "The STUN server does not answer.",
  turn: "The TURN server cannot be used.",
  server: "The camera's data cannot reach the server.",
  picture: "No picture reaches the server.",
};
const DENIED = {
  NotAllowedError: "The camera is refused for this page.",
  NotFoundError: "No camera is connected.",
  NotReadableError: "The camera is in use by another program.",
};
const DENIED_TODO = {
  NotAllowedError: "Press the camera or lock sign beside the address, choose Allow, then check again.",
  NotFoundError: "Connect one, then check again.",
  NotReadableError: "Close video calls and other tabs that use it, then check again.",
};

const seconds = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

function within(promise, ms) {
  return Promise.race([promise, new Promise((done) => setTimeout(() => done(null), ms))]);
}

function gathered(peer) {
  return within(new Promise((done) => {
    if (peer.iceGatheringState === "complete") done(true);
    peer.addEventListener("icegatheringstatechange", () => { if (peer.iceGatheringState === "complete") done(true); });
  }), GATHER_MS);
}

// The shortest of five: what the network takes, not what a busy browser does.
async function roundTrip(channel, listen) {
  let best = Infinity;
  for (let n = 1; n <= 5; n++) {
    const sent = performance.now();
    const heard = new Promise((done) => listen((value) => value.n === n && done(true)));
    channel.send(JSON.stringify({ k: "echo", n }));
    if (await within(heard, 2000)) best = Math.min(best, performance.now() - sent);
  }
  return best;
}

async function path(peer) {
  const stats = new Map();
  (await peer.getStats()).forEach((one) => stats.set(one.id, one));
  const pair = [...stats.values()].find((one) => one.type === "candidate-pair" && one.state === "succeeded" && one.nominated)
    || [...stats.values()].find((one) => one.type === "candidate-pair" && one.state === "succeeded");
  const kinds = pair ? [stats.get(pair.localCandidateId)?.candidateType, stats.get(pair.remoteCandidateId)?.candidateType] : [];
  if (kinds.includes("relay")) return "by the TURN relay";
  if (kinds.includes("srflx")) return "directly, through a router";
  return "directly";
}

// The theme is told by the colour of the text: a component has no other way to know.
function dress(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/\d+/g) || [0, 0, 0]).map(Number);
  root.classList.toggle("dark", r + g + b > 380);
}
