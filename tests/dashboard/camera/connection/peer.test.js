// The one connection set-up, against a peer that does what the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  established,
  NotReached,
  within,
} from "../../../../dashboard/camera/connection/peer.js";

class FakePeer extends EventTarget {
  iceGatheringState = "gathering";
  connectionState = "new";
  steps = [];
  async createOffer() {
    return { type: "offer", sdp: "offered" };
  }
  async setLocalDescription(description) {
    this.steps.push("local");
    this.localDescription = description;
  }
  async setRemoteDescription(description) {
    this.steps.push(`remote ${description.sdp}`);
  }
  becomes(name, value) {
    this[name] = value;
    this.dispatchEvent(new Event(name.toLowerCase().replace("state", "statechange")));
  }
}

class FakeChannel extends EventTarget {
  readyState = "connecting";
  open() {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }
}

const LIMITS = { gatherMs: 60_000, reachMs: 60_000 };
const answer = async () => ({ type: "answer", sdp: "answered" });

test("the offer goes out when all addresses are known, and data passes after the answer", async () => {
  const peer = new FakePeer();
  const exchanged = [];
  const done = connect(
    peer,
    async (offer) => {
      exchanged.push(offer);
      setTimeout(() => peer.becomes("connectionState", "connected"));
      return answer();
    },
    LIMITS,
  );
  setTimeout(() => {
    assert.deepEqual(exchanged, [], "addresses are still being gathered");
    peer.becomes("iceGatheringState", "complete");
  });
  await done;
  assert.deepEqual(exchanged, [{ type: "offer", sdp: "offered" }]);
  assert.deepEqual(peer.steps, ["local", "remote answered"]);
});

test("a STUN server that is silent holds the offer up for as long as is allowed", async () => {
  const peer = new FakePeer();
  peer.connectionState = "connected";
  await connect(peer, answer, { gatherMs: 1, reachMs: 60_000 });
  assert.deepEqual(peer.steps, ["local", "remote answered"]);
});

test("where a channel is needed, a connected peer is not enough", async () => {
  const peer = new FakePeer();
  const channel = new FakeChannel();
  let over = false;
  const done = established(peer, 60_000, channel).then(() => {
    over = true;
  });
  peer.becomes("connectionState", "connected");
  await Promise.resolve();
  assert.equal(over, false);
  channel.open();
  await done;
});

test("a connection that fails is told at once", async () => {
  const peer = new FakePeer();
  const done = established(peer, 60_000);
  peer.becomes("connectionState", "failed");
  await assert.rejects(done, NotReached);
});

test("a connection that never comes is given up", async () => {
  await assert.rejects(established(new FakePeer(), 1), NotReached);
});

test("a server's refusal ends the set-up with that error", async () => {
  const peer = new FakePeer();
  peer.iceGatheringState = "complete";
  const refuse = async () => {
    throw new Error("full");
  };
  await assert.rejects(connect(peer, refuse, LIMITS), /full/);
  assert.deepEqual(peer.steps, ["local"]);
});

test("a promise that takes too long is null", async () => {
  assert.equal(await within(new Promise(() => {}), 1), null);
  assert.equal(await within(Promise.resolve("soon"), 60_000), "soon");
});
