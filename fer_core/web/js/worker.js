// The chain in a thread of its own, so that a film that plays beside it does not stutter.
// A classic worker: LiteRT loads its WebAssembly by importScripts.

const loaded = Promise.all([import("./chain.js"), import("./networks.js"), import("./eyes.js")]);
/** What a second thread runs, where there is one: it reads the eyes meanwhile. */
const OF_EYES = ["iris_landmark", "face_landmark"];
const POINTS = [
  [60, 70],
  [100, 70],
  [80, 90],
  [65, 105],
  [95, 105],
];
/** @type {any} */
let chain = null;
/** @type {any} */
let eyes = null;
/** @type {any} */
let pad = null;

async function open({ table, base, alone }) {
  const [{ Chain }, { openNetworks }] = await loaded;
  if (typeof Worker === "function" && navigator.hardwareConcurrency > 1) {
    const names = Object.keys(table.files).filter((name) => !OF_EYES.includes(name));
    const [networks, second] = await Promise.all([
      openNetworks(table, base, names),
      secondThread(table, base),
    ]);
    chain = new Chain(networks, table, alone, second);
  } else chain = new Chain(await openNetworks(table, base), table, alone);
  const side = table.card.crop.size;
  // once through all networks: the first calls are slow
  await chain.expression(new Uint8Array(side * side));
  const blank = { box: [40, 40, 80, 80], score: 1, points: POINTS };
  await chain.step(new Uint8ClampedArray(160 * 160 * 4), 160, 160, 0);
  await chain.detector.refine(chain.seen, blank.box);
  await chain.eyes.read(chain.seen, blank, true);
  chain.restart();
  return {};
}

/** The eyes read by another worker of this kind. */
async function secondThread(table, base) {
  const { Reader } = await import("./reader.js");
  const other = new Reader(new URL("./", self.location.href).href);
  await other.ask("openEyes", { table, base });
  return {
    read: ({ grey, width, height }, { points, box }, mesh) =>
      other.ask("eyes", { seen: { grey, width, height }, face: { points, box }, mesh }),
  };
}

async function openEyes({ table, base }) {
  const [, { openNetworks }, { EyeReader }] = await loaded;
  eyes = new EyeReader(await openNetworks(table, base, OF_EYES), table);
}

/** The values of a picture, so large; it is let go at once. */
async function values(picture, width, height) {
  const rgba = upright(picture, width, height)
    ? await copied(picture, width, height)
    : drawn(picture, width, height);
  picture.close();
  return rgba;
}

/** Whether a picture's own values are what is seen: a phone may hold its camera's turned. A browser
 * that does not say draws it. */
function upright({ rotation, flip, visibleRect, displayWidth, displayHeight }, width, height) {
  const same = (w, h) => w === width && h === height;
  return (
    rotation === 0 &&
    !flip &&
    same(displayWidth, displayHeight) &&
    same(visibleRect.width, visibleRect.height)
  );
}

/** A third of the time that drawing takes, and the same values. */
async function copied(picture, width, height) {
  const rgba = new Uint8ClampedArray(4 * width * height);
  await picture.copyTo(rgba, { format: "RGBA" });
  return rgba;
}

function drawn(picture, width, height) {
  if (!pad || pad.canvas.width !== width || pad.canvas.height !== height) {
    pad = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  }
  pad.drawImage(picture, 0, 0, width, height);
  return pad.getImageData(0, 0, width, height).data;
}

async function read({ picture, rgba, width, height, tMs, check }) {
  const began = performance.now();
  const given = picture ? await values(picture, width, height) : rgba;
  const { seen, others, faces } = await chain.begin(given, width, height, tMs);
  return { later: whole(faces, { seen, width, height, others, check, began }) };
}

/** What is told of a picture, when its eyes are read too. */
async function whole(reading, { seen, width, height, others, check, began }) {
  const faces = await reading;
  const light = check ? lightOf(seen, faces[0]?.box) : null;
  return { faces, width, height, others, check: light, tookMs: performance.now() - began };
}

/** Grey levels for the camera check: of the face's middle and of everything around the face. */
function lightOf({ grey, width, height }, box) {
  /** @type {number[]} */
  const inner = [];
  /** @type {number[]} */
  const rest = [];
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) {
      const value = grey[y * width + x];
      if (!box) rest.push(value);
      else {
        const [a, b] = [(x - box[0]) / box[2], (y - box[1]) / box[3]];
        if (a < 0 || a > 1 || b < 0 || b > 1) rest.push(value);
        else if (a > 0.25 && a < 0.75 && b > 0.25 && b < 0.75) inner.push(value);
      }
    }
  }
  const median = (some) => some.sort((a, b) => a - b)[some.length >> 1] ?? 0;
  const face = median(inner);
  return { face, rest: rest.length ? median(rest) : face };
}

const DOES = {
  open,
  openEyes,
  read,
  eyes: ({ seen, face, mesh }) => eyes.read(seen, face, mesh),
  restart: () => chain.restart(),
  expression: ({ crop }) => chain.expression(crop),
  logits: async ({ values: given }) => (await chain.networks.model.run(given))[0],
  histograms: async ({ crop }) => (await import("./regions.js")).histograms(crop),
  cut: async ({ rgba, width, height, box, across, spec }) => {
    const { cut, picture } = await import("./pixels.js");
    return cut(picture(rgba, width, height), box, across, spec);
  },
};

// What is asked begins in its order, and is answered in it.
let before = Promise.resolve();
let answered = Promise.resolve();
self.onmessage = ({ data: { id, what, value } }) => {
  const begun = before.then(() => DOES[what](value));
  before = begun.then(
    () => {},
    () => {}, // told below
  );
  answered = answered.then(async () => {
    try {
      const found = await begun;
      self.postMessage({ id, value: found?.later ? await found.later : found });
    } catch (error) {
      self.postMessage({ id, error: String(error?.message ?? error) });
    }
  });
};
