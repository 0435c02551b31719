import type { PushListener } from '../../core/connection.ts'
import type { Reply } from '../../core/decode.ts'
import type { Argument } from '../../core/encode.ts'

/** A session of its own, whose calls answer at once or with promises. */
export interface Line {
  call(...args: Argument[]): Reply | Promise<Reply>
  onPush: PushListener | undefined
  close(): void
}

/** Goes on with what a call answered, at once if it did. */
export function after<T, U>(answer: T | Promise<T>, go: (value: T) => U): U | Promise<U> {
  return answer instanceof Promise ? answer.then(go) : go(answer)
}
