// Reckons with the scripts of fer_core/web what a test reckons with the core; JSON in, JSON out.
import { readFileSync } from "node:fs";
import { measured, sevenOf } from "../../fer_core/web/js/expression.js";
import { headPose, whyNot } from "../../fer_core/web/js/faces.js";
import { Detector } from "../../fer_core/web/js/detector.js";
import { cut, picture } from "../../fer_core/web/js/pixels.js";
import { histograms } from "../../fer_core/web/js/regions.js";

const { table, width, height, rgb, faces, crops, logits, sizes } = JSON.parse(readFileSync(0, "utf-8"));
const rgba = new Uint8ClampedArray(width * height * 4);
for (let i = 0; i < width * height; i += 1) rgba.set(rgb.slice(3 * i, 3 * i + 3), 4 * i);
const seen = picture(rgba, width, height);
const across = ({ points }) => [points[1][0] - points[0][0], points[1][1] - points[0][1]];
const poses = faces.map((face) => headPose(face.points, table.pose));
const seven = logits.map((row) => sevenOf(Float32Array.from(row), table.card));
const laid = sizes.map(([w, h]) => {
  const detector = new Detector({}, table.detector);
  detector.lay({ width: w, height: h });
  return detector.laid.levels;
});
const answer = {
  grey: [...seen.grey],
  cuts: crops.map((spec) => faces.map((face) => [...cut(seen, face.box, across(face), spec)])),
  histograms: faces.map((face) => histograms(cut(seen, face.box, [1, 0], { size: 32, margin: 1 }))),
  poses,
  codes: faces.map((face, k) => whyNot(seen, face, poses[k], table.quality)),
  seven,
  measures: seven.map((one, k) => measured(one, poses[k % poses.length], table.measures)),
  laid,
};
process.stdout.write(JSON.stringify(answer));
