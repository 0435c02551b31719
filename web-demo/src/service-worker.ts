// Keeps the files of the demo, all of them, so that it starts without a network. A new release has
// another list of files, and so another cache; the old one goes when no tab uses it any more.

interface Precache {
  version: string
  files: string[]
}

/** The build puts the list here. */
declare const PRECACHE: Precache

/** What this needs of its global scope: the page's types and a worker's do not go together. */
interface Scope {
  addEventListener(
    type: string,
    listener: (event: {
      request: Request
      waitUntil(work: Promise<unknown>): void
      respondWith(response: Promise<Response>): void
    }) => void,
  ): void
  registration: { scope: string }
  clients: { claim(): Promise<void> }
}

const scope = globalThis as unknown as Scope
const NAME = `wadi-demo-${PRECACHE.version}`

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) =>
        cache.addAll(PRECACHE.files.map((file) => new Request(file, { cache: 'reload' }))),
      ),
  )
})

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('wadi-demo-') && name !== NAME)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => scope.clients.claim()),
  )
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method === 'GET' && request.url.startsWith(scope.registration.scope)) {
    event.respondWith(answer(request))
  }
})

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME)
  const wanted = request.mode === 'navigate' ? 'index.html' : request
  // A server may vary its answers by who asks (vite's does, by `Origin`): these files are the same for all.
  const how = { ignoreSearch: true, ignoreVary: true }
  return (await cache.match(wanted, how)) ?? fetch(request)
}
