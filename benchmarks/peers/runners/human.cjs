// @vladmandic/human in Node: WebAssembly, its own models, only what expressions need.
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");

const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");
const { run } = require("./loop.cjs");

// Its package.json exports the build for tfjs-node alone; the one for WebAssembly lies beside it.
const DIST = path.dirname(require.resolve("@vladmandic/human"));
const MODELS = path.join(DIST, "..", "models");
const { Human } = require(path.join(DIST, "human.node-wasm.js"));
const WASM = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
const GREY = [0.2989, 0.587, 0.114]; // its own weights of red, green and blue

/** Its loader fetches models over HTTP alone: this serves the package's folder to it. */
function serveModels() {
  const server = http.createServer((request, response) => {
    response.end(fs.readFileSync(path.join(MODELS, path.basename(request.url))));
  });
  server.unref();
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(server.address().port)),
  );
}

const off = { enabled: false };

async function openPeer(job) {
  const human = new Human({
    backend: "wasm",
    wasmPath: `${path.join(WASM, "dist")}/`,
    modelBasePath: `http://127.0.0.1:${await serveModels()}/`,
    // Photographs have nothing to do with one another; films keep its own skipping.
    cacheSensitivity: job.task === "photograph" || job.reading === "every frame" ? 0 : 0.7,
    face: {
      detector: { maxDetected: 10 },
      emotion: { minConfidence: 0 },
      iris: off,
      description: off,
      antispoof: off,
      liveness: off,
    },
    body: off,
    hand: off,
    object: off,
    gesture: off,
    segmentation: off,
  });
  await human.load();

  async function faces({ rgb, height, width }) {
    const tensor = human.tf.tensor(rgb, [1, height, width, 3], "float32");
    const result = await human.detect(tensor);
    human.tf.dispose(tensor);
    if (result.error) throw new Error(result.error);
    return result.face;
  }

  async function photograph(picture) {
    const found = await faces(picture);
    found.sort((one, other) => other.box[2] * other.box[3] - one.box[2] * one.box[3]);
    return found.length ? found[0].emotion[0].emotion : null;
  }

  /** The emotion network on a whole picture, prepared as its src/gear/emotion.ts does. */
  async function crop({ rgb, height, width }) {
    const network = human.models.models.emotion;
    const side = network.inputs[0].shape[2];
    const chances = human.tf.tidy(() => {
      const face = human.tf.tensor(rgb, [1, height, width, 3], "float32").div(255);
      const grey = human.tf.image
        .resizeBilinear(face, [side, side])
        .mul(human.tf.tensor1d(GREY))
        .sum(3, true);
      return network.execute(grey.sub(0.5).mul(2));
    });
    const data = await chances.data();
    human.tf.dispose(chances);
    return ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"][
      data.indexOf(Math.max(...data))
    ];
  }

  return {
    versions: {
      "@vladmandic/human": human.version,
      "@tensorflow/tfjs": tf.version.tfjs,
      node: process.versions.node,
    },
    photograph,
    crop,
    frame: async (picture) => (await faces(picture)).length,
  };
}

run(openPeer);
