// The camera and its connection: one offer, one answer, no server asked that nobody named.

const GATHER_MS = 2000; // for addresses; without STUN or TURN it takes milliseconds
const REACH_MS = 12000;

class Camera {
  constructor(video) {
    this.video = video;
    this.onlost = () => {};
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
  static async list() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    return all.filter((one) => one.kind === "videoinput");
  }
  async open(id, size) {
    if (!navigator.mediaDevices?.getUserMedia) throw new Refused(INSECURE);
    const [width, height] = size.split("x").map(Number);
    const wish = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 25, max: 30 } };
    const ask = (video) => navigator.mediaDevices.getUserMedia({ video, audio: false });
    try {
      this.stream = await ask(id ? { ...wish, deviceId: { exact: id } } : wish);
    } catch (error) {
      if (error?.name !== "OverconstrainedError") throw new Refused(cameraWords(error));
      this.stream = await ask(wish).catch((again) => { throw new Refused(cameraWords(again)); });
    }
    const track = this.stream.getVideoTracks()[0];
    track.contentHint = "detail"; // keep the size, give up rate: a face of 40 pixels must stay one
    track.onended = () => this.onlost(["The camera was disconnected.", "The session was ended and is kept."]);
    return track;
  }
  /** Connect; ``exchange`` takes the offer to the server and brings its answer. */
  async connect(rtc, exchange) {
    const track = this.stream.getVideoTracks()[0];
    const peer = (this.peer = new RTCPeerConnection(rtc));
    const there = peer.addTransceiver(track, { direction: "sendrecv", streams: [this.stream] });
    peer.ontrack = (event) => {
      // No buffer for smoothness: the newest picture at once.
      if ("jitterBufferTarget" in event.receiver) event.receiver.jitterBufferTarget = 0;
      this.video.srcObject = new MediaStream([event.track]);
      this.video.play().catch(() => {}); // muted video may play; the next frame starts it otherwise
    };
    const vp8 = RTCRtpReceiver.getCapabilities?.("video")?.codecs.filter((one) => /vp8|rtx/i.test(one.mimeType));
    if (vp8?.length && there.setCodecPreferences) there.setCodecPreferences(vp8);
    await peer.setLocalDescription(await peer.createOffer());
    await new Promise((done) => {
      if (peer.iceGatheringState === "complete") return done();
      peer.addEventListener("icegatheringstatechange", () => { if (peer.iceGatheringState === "complete") done(); });
      setTimeout(done, GATHER_MS);
    });
    const answer = await exchange({ sdp: peer.localDescription.sdp, type: peer.localDescription.type });
    await peer.setRemoteDescription(answer);
    await new Promise((reached, failed) => {
      const timer = setTimeout(() => failed(new Refused(UNREACHED, "connection")), REACH_MS);
      const look = () => {
        if (peer.connectionState === "connected") { clearTimeout(timer); reached(); }
        if (peer.connectionState === "failed") { clearTimeout(timer); failed(new Refused(UNREACHED, "connection")); }
      };
      peer.addEventListener("connectionstatechange", look);
      look();
    });
    peer.addEventListener("connectionstatechange", () => {
      if (["failed", "closed"].includes(peer.connectionState) && this.peer === peer) this.onlost(null);
    });
  }
  /** What the newest picture took to the screen, for the server; once. */
  late() {
    const took = this.newest;
    this.newest = null;
    return took === null || took === undefined ? "" : `&late=${Math.max(0, Math.round(took))}`;
  }
  get connected() { return this.peer?.connectionState === "connected"; }
  /** Milliseconds on the way that only the browser knows: coding, sending, decoding, both ways. */
  async transport() {
    const peer = this.peer;
    if (!peer) return null;
    const kinds = {};
    (await peer.getStats()).forEach((one) => {
      if (one.type === "outbound-rtp" && one.kind === "video") kinds.out = one;
      if (one.type === "inbound-rtp" && one.kind === "video") kinds.in = one;
      if (one.type === "candidate-pair" && one.nominated) kinds.pair = one;
    });
    const mean = (name, total, number) => {
      const was = this.delays[name] ?? [0, 0];
      this.delays[name] = [total ?? 0, number ?? 0];
      return number > was[1] ? (1000 * (total - was[0])) / (number - was[1]) : 0;
    };
    const { out, in: back, pair } = kinds;
    if (!out || !back) return null;
    return mean("encode", out.totalEncodeTime, out.framesEncoded)
      + mean("send", out.totalPacketSendDelay, out.packetsSent)
      + (this.screen ?? mean("back", back.totalProcessingDelay, back.framesDecoded))
      + 1000 * (pair?.currentRoundTripTime ?? 0);
  }
  close() {
    const { peer, stream } = this;
    this.peer = this.stream = null;
    this.onlost = () => {};
    for (const track of stream?.getTracks() ?? []) { track.onended = null; track.stop(); }
    peer?.close();
    this.video.srcObject = null;
    this.delays = {};
    this.screen = null;
  }
}
