// Why a browser gives no camera, and what a person can do: one table for every page.

/** By the name of the error that `getUserMedia` gives. */
const ERRORS = {
  NotAllowedError: {
    title: "The camera was not allowed",
    why: "The browser does not let this page use the camera.",
    todo: "Press the camera or lock sign beside the address, choose Allow",
  },
  SecurityError: {
    title: "The camera was not allowed",
    why: "This browser forbids cameras on this page.",
    todo: "Open the page in a window of its own",
  },
  NotFoundError: {
    title: "No camera was found",
    why: "This device has no camera, or it is switched off.",
    todo: "Connect one, or allow it in the system's privacy settings",
  },
  NotReadableError: {
    title: "The camera is in use",
    why: "Another program or tab is using it.",
    todo: "Close video calls and other tabs that use the camera",
  },
  AbortError: {
    title: "The camera stopped",
    why: "It stopped before it gave a picture.",
    todo: "Connect it again",
  },
};
ERRORS.OverconstrainedError = ERRORS.NotFoundError;

/** A camera that could not be opened. */
export class CameraError extends Error {
  /** @param {any} error  what `getUserMedia` threw */
  constructor(error) {
    const known = ERRORS[error?.name];
    super(known?.title ?? "The camera could not be started", { cause: error });
    this.denied = error?.name === "NotAllowedError" || error?.name === "SecurityError";
    this.why =
      known?.why ?? (String(error?.message || "").slice(0, 200) || "The browser did not say why.");
    this.todo = known?.todo ?? "Close other programs that use the camera";
  }
  /** The sentence that says what to do, ending with the page's own next step. */
  hint(next) {
    return `${this.todo}, then ${next}.`;
  }
}

/** The camera's stream, without sound; throws a CameraError.
 * @param {MediaTrackConstraints} video
 */
export async function openCamera(video) {
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new CameraError(error);
  }
}

/** Let a stream's camera go, without its end being taken for a loss. */
export function stopTracks(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}

/** The cameras of this device; their names are there once one was allowed. */
export async function listCameras() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.filter((one) => one.kind === "videoinput");
}
