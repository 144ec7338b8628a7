// The recordings in a folder that was dropped or chosen.

// Files of a folder in the order of their names, «take 2» before «take 10».
export function ordered(files) {
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return [...files].sort((a, b) => compare(a.path, b.path));
}

export function wanted(path, endings) {
  const name = path.split("/").pop();
  return !name.startsWith(".") && endings.some((end) => name.toLowerCase().endsWith(end));
}

export async function inside(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // a reader gives a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await inside(one)));
  }
}

export function fromFolder(files, data) {
  return ordered(files.filter((one) => wanted(one.path, data.endings))).map((one) => one.file);
}
