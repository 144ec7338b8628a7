// @vladmandic/face-api in Node: WebAssembly, its own models, as its demo/node-wasm.js does.
const path = require("node:path");

const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
const { run } = require("./loop.cjs");

const PACKAGE = path.dirname(require.resolve("@vladmandic/face-api/package.json"));
const WASM = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));

async function openPeer() {
  wasm.setWasmPaths(`${path.join(WASM, "dist")}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  const models = path.join(PACKAGE, "model");
  await faceapi.nets.ssdMobilenetv1.loadFromDisk(models);
  await faceapi.nets.faceLandmark68Net.loadFromDisk(models);
  await faceapi.nets.faceExpressionNet.loadFromDisk(models);

  async function withTensor({ rgb, height, width }, use) {
    const tensor = tf.tensor3d(rgb, [height, width, 3], "int32");
    const result = await use(tensor);
    tf.dispose(tensor);
    return result;
  }

  const first = (expressions) => expressions.asSortedArray()[0].expression;
  const faces = (picture) =>
    withTensor(picture, (tensor) =>
      faceapi.detectAllFaces(tensor).withFaceLandmarks().withFaceExpressions(),
    );

  async function photograph(picture) {
    const found = await faces(picture);
    found.sort((one, other) => other.detection.box.area - one.detection.box.area);
    return found.length ? first(found[0].expressions) : null;
  }

  return {
    versions: {
      "@vladmandic/face-api": faceapi.version,
      "@tensorflow/tfjs": tf.version.tfjs,
      node: process.versions.node,
    },
    photograph,
    crop: async (picture) =>
      first(
        await withTensor(picture, (tensor) =>
          faceapi.nets.faceExpressionNet.predictExpressions(tensor),
        ),
      ),
    frame: async (picture) => (await faces(picture)).length,
  };
}

run(openPeer);
