// Networks run by LiteRT in WebAssembly, opened from the files that the table names.

/** A network of one fixed shape. It answers one call at a time. */
export class Network {
  constructor(model, Tensor, shape) {
    this.model = model;
    this.Tensor = Tensor;
    this.shape = shape;
  }
  /** The flat answers to flat values, the longest first.
   * @param {Float32Array} values
   * @returns {Promise<Float32Array[]>}
   */
  async run(values) {
    const given = new this.Tensor(values, this.shape);
    const answers = await this.model.run([given]);
    given.delete();
    const found = [];
    for (const one of answers) {
      found.push(await one.data());
      one.delete();
    }
    return found.sort((a, b) => b.length - a.length);
  }
}

/**
 * Networks of a table, by name.
 *
 * @param {any} table  what the server says of its networks, with `files`
 * @param {string} base  the address of the folder of files, ending with a slash
 * @param {string[]} names
 * @returns {Promise<Record<string, Network>>}
 */
export async function openNetworks(table, base, names = Object.keys(table.files)) {
  const { loadLiteRt, loadAndCompile, Tensor } = await import(`${base}litert.js`);
  // its WebAssembly lies beside it, not beside the script of the worker
  const locateFile = (name) => `${base}${name}`;
  // it tells the console of every network that it opens; what fails is thrown
  /** @type {any} */ (self).Module = { locateFile, print() {}, printErr() {} };
  const [, ...contents] = await Promise.all([
    loadLiteRt(`${base}litert_wasm_internal.js`),
    ...names.map((name) => content(`${base}${table.files[name].name}`)),
  ]);
  /** @type {Record<string, Network>} */
  const open = {};
  for (const [k, name] of names.entries()) {
    const model = await loadAndCompile(contents[k], {
      accelerator: "wasm",
      cpuOptions: { numThreads: 1 },
    });
    open[name] = new Network(model, Tensor, table.files[name].shape);
  }
  return open;
}

async function content(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} cannot be read (${answer.status}).`);
  return new Uint8Array(await answer.arrayBuffer());
}
