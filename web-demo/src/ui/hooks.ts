import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

/** A function that draws the component again. */
export function useRedraw(): () => void {
  const [, set] = useState(0)
  return useCallback(() => set((count) => count + 1), [])
}

/** Calls back at an interval while the page can be seen. */
export function useInterval(ms: number, work: () => void): void {
  const latest = useRef(work)
  latest.current = work
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current()
    }, ms)
    return () => clearInterval(timer)
  }, [ms])
}

/** Whether the window is at least so wide. */
export function useWide(px: number): boolean {
  const [query] = useState(() => matchMedia(`(width >= ${px}px)`))
  const [isWide, setWide] = useState(query.matches)
  useEffect(() => {
    const changed = () => setWide(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [query])
  return isWide
}
