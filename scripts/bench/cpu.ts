// CPU time of a process, as the kernel counts it.

import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of all threads of a process so far, in nanoseconds; those that have ended are not in it. */
export function cpuNs(pid: number): number {
  let sum = 0
  for (const task of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
  return sum
}

/** The children of this process that run a program of this name. */
export function childrenNamed(name: string): number[] {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children
    .filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name)
    .map(Number)
}
