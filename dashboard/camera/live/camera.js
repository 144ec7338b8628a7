// The live page's camera: pictures to the server, drawn pictures back, and what the way costs.

import { CameraError, openCamera, stopTracks } from "../connection/camera.js";
import { connect, NotReached } from "../connection/peer.js";
import { Refused, WORDS } from "./words.js";

const LIMITS = { gatherMs: 2000, reachMs: 12000 }; // without STUN or TURN, gathering is quick

/** @type {(words: import("./words.js").Words | null) => void} */
const NOBODY = () => {};

export class LiveCamera {
  constructor(video) {
    this.video = video;
    this.over = false;
    this.onlost = NOBODY;
    this.delays = {};
    this.screen = null;
    // from a picture's last packet to the screen, where the browser tells it
    const shown = (_now, about) => {
      if (about.receiveTime !== undefined) {
        const took = about.expectedDisplayTime - about.receiveTime;
        this.screen = this.screen === null ? took : 0.9 * this.screen + 0.1 * took;
        this.newest = took;
      }
      if (!this.over) video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback?.(shown);
  }
  async open(id, size) {
    if (!navigator.mediaDevices?.getUserMedia) throw new Refused(WORDS.insecure);
    const [width, height] = size.split("x").map(Number);
    const wanted = {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: 25, max: 30 },
    };
    try {
      this.stream = await this.chosen(id, wanted);
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      throw new Refused([`${error.message}.`, `${error.why} ${error.hint("press START again")}`]);
    }
    const [track] = this.stream.getVideoTracks();
    track.contentHint = "detail"; // keep the size, give up rate: a face of 40 pixels must stay one
    track.onended = () => this.onlost(WORDS.unplugged);
  }
  /** The chosen camera, or any where that one is not there any more. */
  async chosen(id, wanted) {
    if (!id) return openCamera(wanted);
    return openCamera({ ...wanted, deviceId: { exact: id } }).catch((error) => {
      if (error.cause?.name !== "OverconstrainedError") throw error;
      return openCamera(wanted);
    });
  }
  /** Connect; `exchange` takes the offer to the server and brings its answer. */
  async connect(rtc, exchange) {
    const peer = new RTCPeerConnection(rtc);
    this.peer = peer;
    const stream = /** @type {MediaStream} */ (this.stream);
    const [track] = stream.getVideoTracks();
    const there = peer.addTransceiver(track, { direction: "sendrecv", streams: [stream] });
    peer.ontrack = (event) => this.show(event);
    const all = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
    const vp8 = all.filter((one) => /vp8|rtx/i.test(one.mimeType));
    if (vp8.length) there.setCodecPreferences?.(vp8);
    try {
      await connect(peer, exchange, LIMITS);
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      throw new Refused(WORDS.unreached, "connection");
    }
    peer.addEventListener("connectionstatechange", () => {
      const gone = ["failed", "closed"].includes(peer.connectionState);
      if (gone && this.peer === peer) this.onlost(null);
    });
  }
  show({ receiver, track }) {
    // No buffer for smoothness: the newest picture at once.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    this.video.srcObject = new MediaStream([track]);
    this.video.play().catch(() => {}); // muted video may play; the next frame starts it otherwise
  }
  /** What the newest picture took to the screen, for the server; once. */
  late() {
    const took = this.newest;
    this.newest = null;
    return took == null ? "" : `&late=${Math.max(0, Math.round(took))}`;
  }
  get connected() {
    return this.peer?.connectionState === "connected";
  }
  /** Milliseconds on the way that only the browser knows: coding, sending, decoding, both ways. */
  async transport() {
    if (!this.peer) return null;
    /** @type {Record<string, any>} */
    const kinds = {};
    (await this.peer.getStats()).forEach((one) => {
      if (one.type === "outbound-rtp" && one.kind === "video") kinds.out = one;
      if (one.type === "inbound-rtp" && one.kind === "video") kinds.back = one;
      if (one.type === "candidate-pair" && one.nominated) kinds.pair = one;
    });
    const { out, back, pair } = kinds;
    if (!out || !back) return null;
    return (
      this.mean("encode", out.totalEncodeTime, out.framesEncoded) +
      this.mean("send", out.totalPacketSendDelay, out.packetsSent) +
      (this.screen ?? this.mean("back", back.totalProcessingDelay, back.framesDecoded)) +
      1000 * (pair?.currentRoundTripTime ?? 0)
    );
  }
  /** The mean since the last call, of a browser's running total and count. */
  mean(name, total = 0, number = 0) {
    const [before, counted] = this.delays[name] ?? [0, 0];
    this.delays[name] = [total, number];
    return number > counted ? (1000 * (total - before)) / (number - counted) : 0;
  }
  close() {
    const { peer, stream } = this;
    this.peer = this.stream = null;
    this.onlost = NOBODY;
    stopTracks(stream);
    peer?.close();
    this.video.srcObject = null;
    this.delays = {};
    this.screen = null;
  }
}
