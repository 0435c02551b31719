// What a server lends to that which keeps its dataset on disk.

import type { Engine } from '../../core/engine.ts'
import type { InternalSession } from '../../core/internal.ts'
import type { HostCommands } from '../commands.ts'
import type { Info } from '../info.ts'
import type { LatencyMonitor } from '../latency.ts'
import type { Logger } from '../logger.ts'
import type { Loop } from '../loop.ts'
import type { Settings } from '../settings.ts'
import type { Shutdown } from '../shutdown.ts'

export interface Home {
  readonly engine: Engine
  readonly internal: InternalSession
  readonly loop: Loop
  readonly commands: HostCommands
  readonly settings: Settings
  readonly info: Info
  readonly log: Logger
  readonly latency: LatencyMonitor
  readonly shutdown: Shutdown
  /** Ends the process. */
  exit(code: number): void
  /** A directive that is a path, as an absolute one. */
  path(directive: string): string
  /** A file in the data folder, as an absolute path. */
  file(name: string): string
}
