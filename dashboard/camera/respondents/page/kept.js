// Batches of numbers that the server has not acknowledged yet, kept on the device (IndexedDB).

const [NAME, STORE] = ["rapt-numbers", "batches"];

const answered = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

export class Kept {
  constructor() {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore(STORE, { keyPath: ["visit", "n"] });
    this.base = answered(opening);
  }
  async store(mode) {
    return (await this.base).transaction(STORE, mode).objectStore(STORE);
  }
  /** Keep a batch: `visit` and `n` name it. */
  async put(batch) {
    const store = await this.store("readwrite");
    await answered(store.put(batch));
  }
  /** The first batch of a visit that is still kept. */
  async first(visit) {
    const [found] = await answered((await this.store("readonly")).getAll(of(visit), 1));
    return found ?? null;
  }
  async count(visit) {
    return answered((await this.store("readonly")).count(of(visit)));
  }
  /** Drop a visit's batches below a number; all of them where none is given. */
  async drop(visit, below = Number.MAX_SAFE_INTEGER) {
    const store = await this.store("readwrite");
    await answered(store.delete(IDBKeyRange.bound([visit, 0], [visit, below], false, true)));
  }
  /** The visits of one page's address that have batches here. */
  async visits(path) {
    const all = await answered((await this.store("readonly")).getAll());
    return [...new Set(all.filter((one) => one.path === path).map((one) => one.visit))];
  }
}

const of = (visit) => IDBKeyRange.bound([visit, 0], [visit, Number.MAX_SAFE_INTEGER]);
