// The respondent's camera on its way to the server, and messages both ways.

import { stopTracks } from "../../connection/camera.js";
import { browserTime, connect } from "../../connection/peer.js";

const LIMITS = { gatherMs: 4000, reachMs: 16000 }; // a silent TURN server takes ten seconds
const DISCONNECTED_MS = 2500; // a short loss mends itself
const LAST_MS = 300; // the last pictures are still on their way
const BITRATE = 1_200_000;

export class CameraLink {
  /** `exchange` takes an offer to the server; `hear` is called for a message, `lost` for a break. */
  constructor({ exchange, hear, lost }) {
    this.exchange = exchange;
    this.hear = hear;
    this.lost = lost;
    this.servers = [];
    this.stream = null;
    this.peer = null;
    this.channel = null;
  }
  /** What is seen is kept from now on: the server knows. */
  async begin() {}
  /** Between the films of a course. */
  rest() {}
  /** Resolves when what was seen has had time to arrive. */
  async settled() {
    await new Promise((done) => setTimeout(done, LAST_MS));
    return true;
  }
  async forget() {}
  /** Connect, or connect again; rejects where there is no way. */
  async open() {
    this.hangUp();
    const peer = new RTCPeerConnection({ iceServers: this.servers });
    const channel = peer.createDataChannel("rapt");
    this.peer = peer;
    this.channel = channel;
    const [track] = this.stream.getVideoTracks();
    const way = peer.addTransceiver(track, { direction: "sendonly", streams: [this.stream] });
    channel.onmessage = (event) => this.take(JSON.parse(event.data));
    await connect(peer, this.exchange, { ...LIMITS, channel });
    await limitBitrate(way.sender);
    this.watch(peer, channel);
  }
  watch(peer, channel) {
    const broken = () => {
      if (this.peer === peer) this.lost();
    };
    channel.onclose = broken;
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "failed") broken();
      if (peer.connectionState !== "disconnected") return;
      setTimeout(() => peer.connectionState === "disconnected" && broken(), DISCONNECTED_MS);
    };
  }
  take(value) {
    if (value.k === "ping") this.tell({ k: "pong", n: value.n, at: browserTime() });
    else this.hear(value);
  }
  tell(value) {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify(value));
  }
  hangUp() {
    const { peer } = this;
    this.peer = this.channel = null;
    peer?.close();
  }
  /** Let the camera go as well. */
  close() {
    stopTracks(this.stream);
    this.stream = null;
    this.hangUp();
  }
}

async function limitBitrate(sender) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  parameters.encodings[0].maxBitrate = BITRATE;
  await sender.setParameters(parameters).catch(() => {});
}
