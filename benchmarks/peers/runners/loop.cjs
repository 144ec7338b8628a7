// Runs one peer over the pictures of a job and writes its answers: the Node half of loop.py.
const fs = require("node:fs");
const path = require("node:path");

const WARM = 3; // pictures read before the clock starts: loading, first calls

/** @returns how much memory this process has held at most, in MB */
function peakMb() {
  const status = fs.readFileSync("/proc/self/status", "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** The job's pictures one by one, read from the file as they are wanted. */
function* pictures(folder, shapes) {
  const file = fs.openSync(path.join(folder, "pictures.bin"));
  let at = 0;
  for (const [height, width] of shapes) {
    const rgb = Buffer.alloc(height * width * 3);
    fs.readSync(file, rgb, 0, rgb.length, at);
    at += rgb.length;
    yield { rgb, height, width };
  }
  fs.closeSync(file);
}

/** peer: versions, crop(picture), photograph(picture), frame(picture); see loop.py for each. */
async function run(openPeer) {
  const folder = process.argv[2];
  const job = JSON.parse(fs.readFileSync(path.join(folder, "job.json"), "utf8"));
  const peer = await openPeer(job);
  const read = (picture) => peer[job.task](picture);
  let warm = 0;
  for (const picture of pictures(folder, job.shapes)) {
    if (warm++ === WARM) break;
    await read(picture);
  }
  const answers = [];
  let seconds = 0;
  let cpu = 0;
  for (let turn = 0; turn < job.repeat; turn++) {
    for (const picture of pictures(folder, job.shapes)) {
      const began = performance.now();
      const spent = process.cpuUsage();
      const answer = await read(picture);
      const more = process.cpuUsage(spent);
      cpu += (more.user + more.system) / 1e6;
      seconds += (performance.now() - began) / 1000;
      if (turn === 0) answers.push(answer);
    }
  }
  const told = { answers, seconds, cpu_seconds: cpu, peak_mb: peakMb(), versions: peer.versions };
  fs.writeFileSync(path.join(folder, "answers.json"), JSON.stringify(told));
}

module.exports = { run };
