// What a person reads of files that are on their way.

export const active = (file) => file.state === "waiting" || file.state === "sending";
export const here = (file) => file.state === "done" && file.duplicate;

export function size(bytes) {
  let unit = 0;
  while (bytes >= 1000 && unit < 3) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toFixed(unit > 1 ? 1 : 0)} ${["B", "kB", "MB", "GB"][unit]}`;
}

export function left(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

export function note(file) {
  if (file.state === "waiting") return `${size(file.blob.size)} · waiting`;
  if (file.state === "sending") {
    if (file.sent >= file.blob.size) return "Checking the file";
    const share = Math.floor((100 * file.sent) / file.blob.size);
    const parts = [`${share} % of ${size(file.blob.size)}`];
    if (file.rate > 0)
      parts.push(`${size(file.rate)}/s`, left((file.blob.size - file.sent) / file.rate));
    if (file.pause) parts.splice(1, 2, "connection lost, trying again");
    return parts.join(" · ");
  }
  if (file.state === "failed") return file.words;
  if (file.added) return `Added to «${file.added}»`;
  if (!file.duplicate) return file.kept;
  return file.study
    ? `Already here, in the study «${file.study}»`
    : "Already here: nothing is analysed twice";
}

// One line for many files: how many are here, what came of them, for how long yet.
export function together(files, batch, into) {
  const rest = files.filter(active);
  const failed = files.filter((file) => file.state === "failed").length;
  const known = files.filter(here);
  const parts = [];
  if (rest.length) {
    const bytes = rest.reduce((sum, file) => sum + file.blob.size - file.sent, 0);
    const rate = rest.find((file) => file.rate > 0)?.rate ?? 0;
    parts.push(`${batch.total - rest.length} of ${batch.total} sent`);
    if (rate) parts.push(left(bytes / rate));
  }
  if (known.length) parts.push(`${known.length} already here`);
  if (failed) parts.push(`${failed} not taken`);
  const free = known.filter((file) => into && file.study !== into && !file.added);
  return { line: parts.join(" · "), busy: rest.length > 0, free };
}
