// The respondent's connection: who is told what when it breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CameraLink } from "../../../../dashboard/camera/respondents/page/camera_link.js";

class FakeChannel extends EventTarget {
  readyState = "open";
  sent = [];
  send(text) {
    this.sent.push(JSON.parse(text));
  }
}

class FakePeer extends EventTarget {
  iceGatheringState = "complete";
  connectionState = "connected";
  channel = new FakeChannel();
  createDataChannel() {
    return this.channel;
  }
  addTransceiver() {
    const parameters = { encodings: [{}] };
    const setParameters = async (given) => {
      this.limited = given.encodings[0].maxBitrate;
    };
    return { sender: { getParameters: () => parameters, setParameters } };
  }
  async createOffer() {
    return { type: "offer", sdp: "o" };
  }
  async setLocalDescription(description) {
    this.localDescription = description;
  }
  async setRemoteDescription() {}
  close() {
    this.closed = true;
  }
}

async function opened(t) {
  const peers = [];
  globalThis.RTCPeerConnection = class extends FakePeer {
    constructor() {
      super();
      peers.push(this);
    }
  };
  t.after(() => delete globalThis.RTCPeerConnection);
  const heard = [];
  const lost = [];
  const link = new CameraLink({
    exchange: async () => ({ type: "answer", sdp: "a" }),
    hear: (value) => heard.push(value),
    lost: () => lost.push(link.peer),
  });
  link.stream = { getVideoTracks: () => [{}], getTracks: () => [] };
  await link.open();
  return { link, peers, heard, lost };
}

test("pings are answered with the browser's clock, other messages are passed on", async (t) => {
  const { peers, heard } = await opened(t);
  const { channel } = peers[0];
  channel.onmessage({ data: JSON.stringify({ k: "ping", n: 3 }) });
  channel.onmessage({ data: JSON.stringify({ k: "check", ready: true }) });
  const [{ k, n, at }] = channel.sent;
  assert.deepEqual([k, n], ["pong", 3]);
  assert.ok(Math.abs(at - Date.now()) < 60_000);
  assert.deepEqual(heard, [{ k: "check", ready: true }]);
  assert.equal(peers[0].limited, 1_200_000);
});

test("a break is told once for the connection that is in use, not for one that was replaced", async (t) => {
  const { link, peers, lost } = await opened(t);
  await link.open();
  assert.equal(peers[0].closed, true);
  peers[0].channel.onclose();
  assert.equal(lost.length, 0);
  peers[1].channel.onclose();
  assert.equal(lost.length, 1);
});

test("hanging up on purpose is no break", async (t) => {
  const { link, peers, lost } = await opened(t);
  link.close();
  peers[0].channel.onclose();
  peers[0].connectionState = "failed";
  peers[0].onconnectionstatechange();
  assert.equal(lost.length, 0);
  link.tell({ k: "film" });
  assert.deepEqual(peers[0].channel.sent, []);
});
