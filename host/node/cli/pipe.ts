// --pipe: commands from standard input go to the server as they are, as fast as it takes them, and their
// replies are counted. The end is known by the reply to an ECHO that is sent last.

import { randomBytes } from 'node:crypto'
import { isError, textOf } from './format.ts'
import type { Session } from './session.ts'
import { encode } from './session.ts'

/** Answers the exit code. */
export async function pipe(session: Session, input: AsyncIterable<Buffer>): Promise<number> {
  const { options, terminal } = session
  const link = await session.connect()
  const last = randomBytes(20).toString('hex')
  let errors = 0
  let replies = 0
  let heardMs = performance.now()
  let isDone = false
  const done = new Promise<boolean>((resolve) => {
    link.onClose = () => resolve(false)
    link.onReply = (reply) => {
      heardMs = performance.now()
      if (textOf(reply) === last) {
        isDone = true
        terminal.print('Last reply received from server.\n')
        return resolve(true)
      }
      if (isError(reply)) {
        terminal.complain(`${textOf(reply)}\n`)
        errors++
      }
      replies++
    }
  })
  for await (const chunk of input) {
    if (!link.send(chunk)) await link.drained()
    if (!link.isOpen) break
  }
  terminal.print('All data transferred. Waiting for the last reply...\n')
  link.send(Buffer.concat([Buffer.from('\r\n'), encode(['ECHO', last])]))
  heardMs = performance.now()
  const limitMs = options.pipeTimeoutS * 1000
  const watch = setInterval(() => {
    if (!limitMs || performance.now() - heardMs < limitMs) return
    terminal.complain(`No replies for ${options.pipeTimeoutS} seconds: exiting.\n`)
    errors++
    link.close()
  }, 100)
  await done
  clearInterval(watch)
  session.close()
  terminal.print(`errors: ${errors}, replies: ${replies}\n`)
  return errors || !isDone ? 1 : 0
}
