// Keeps the page's files, so that it works without any network. `FILES` and `STAMP` are filled in
// when the folder is written.

/** @type {any} */
const worker = self;
const STAMP = "{{stamp}}";
const FILES = ["{{files}}"];

worker.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(STAMP);
    await cache.addAll(FILES);
    await worker.skipWaiting();
  };
  event.waitUntil(keep());
});

worker.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name !== STAMP) await caches.delete(name);
    await worker.clients.claim();
  };
  event.waitUntil(clean());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  // the folder's own address names no file
  const { pathname } = new URL(request.url);
  const asked = pathname.endsWith("/") ? "index.html" : request;
  const find = async () => (await caches.match(asked, { ignoreSearch: true })) ?? fetch(request);
  event.respondWith(find());
});
