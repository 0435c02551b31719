import type { PushListener } from '../connection.ts'
import type { Reply } from '../decode.ts'
import type { Argument } from '../encode.ts'

/** A session of its own, whose calls answer at once or with promises. */
export interface Line {
  call(...args: Argument[]): Reply | Promise<Reply>
  /** Lets what was called leave now, before what another session calls next. */
  flush?(): void
  onPush: PushListener | undefined
  close(): void
}
