// One WebRTC connection from this browser to the server: offer, answer, established.

/** The two ends exchanged their descriptions, and no data came through. */
export class NotReached extends Error {
  constructor() {
    super("The browser and the server did not reach each other.");
  }
}

/** The result of a promise, or null where it takes longer than `ms`. */
export function within(promise, ms) {
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(() => done(null), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Wait until the browser knows its addresses, or for `ms`: a silent STUN server takes long.
 * @param {RTCPeerConnection} peer
 */
export function gathered(peer, ms) {
  const complete = new Promise((done) => {
    const look = () => peer.iceGatheringState === "complete" && done(true);
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
  return within(complete, ms);
}

/** Resolves once data can pass: the peer is connected, and the channel, if given, is open.
 *
 * Rejects with NotReached where that fails or takes longer than `ms`.
 * @param {RTCPeerConnection} peer
 * @param {RTCDataChannel} [channel]
 */
export function established(peer, ms, channel) {
  return new Promise((done, fail) => {
    const settle = (end) => {
      clearTimeout(timer);
      peer.removeEventListener("connectionstatechange", look);
      channel?.removeEventListener("open", look);
      end();
    };
    const look = () => {
      const open = channel ? channel.readyState === "open" : peer.connectionState === "connected";
      if (open) settle(done);
      else if (peer.connectionState === "failed") settle(() => fail(new NotReached()));
    };
    const timer = setTimeout(() => settle(() => fail(new NotReached())), ms);
    peer.addEventListener("connectionstatechange", look);
    channel?.addEventListener("open", look);
    look();
  });
}

/** Connect a peer whose tracks and channels are in place.
 *
 * `exchange` takes the offer to the server and brings its answer.
 * @param {RTCPeerConnection} peer
 * @param {(offer: {type: RTCSdpType, sdp: string}) => Promise<RTCSessionDescriptionInit>} exchange
 * @param {{gatherMs: number, reachMs: number, channel?: RTCDataChannel}} limits
 */
export async function connect(peer, exchange, { gatherMs, reachMs, channel }) {
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer, gatherMs);
  const { type, sdp } = /** @type {RTCSessionDescription} */ (peer.localDescription);
  await peer.setRemoteDescription(await exchange({ type, sdp }));
  await established(peer, reachMs, channel);
}

/** Milliseconds since 1970 on a clock that never steps: the browser's, for pings and reports. */
export const browserTime = () => performance.timeOrigin + performance.now();
