// The development servers of vite 6 and 7 bundle packages into node_modules/.vite/deps and leave the paths in
// them as they were: there they lead nowhere. (vite 8 and every build know such paths.) The files are
// served from the package's own folder too, which lies beside `.vite`.

const CACHE = /\/\.vite\//

/** The folder of the built package, when this file was moved out of it; `url` is what a path in it leads to. */
export function packageFolder(url: URL): string | undefined {
  const found = CACHE.exec(url.href)
  return found ? `${url.href.slice(0, found.index)}/wadi/dist/` : undefined
}
