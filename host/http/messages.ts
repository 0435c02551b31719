// Published messages as server-sent events:
//
//   data: subscribe,news,1
//   data: message,news,hello
//   data: pmessage,n*,news,hello

import { IncompleteReply, type Reply, ReplyDecoder, readText } from '../core/decode.ts'
import { encodeCommand } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'
import { concat } from '../core/bytes.ts'
import { type Caller, RefusedError, type Store, type Wire } from './store.ts'

/** A comment now and then shows both ends that the other is there. */
const HEARTBEAT_MS = 30_000

const FAILED = 'the store failed'

/** The stream ends when the client goes, which `gone` tells, or the store closes the session. */
export function messageStream(
  store: Store,
  caller: Caller,
  command: readonly string[],
  gone: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let end = (): void => undefined
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const say = (line: string): void => controller.enqueue(encoder.encode(line))
      const beat = setInterval(() => say(': \n\n'), HEARTBEAT_MS)
      let isOpen = true
      const finish = (why?: string): void => {
        if (!isOpen) return
        isOpen = false
        clearInterval(beat)
        if (why) say(event(new ReplyError(`ERR ${why}`)))
        controller.close()
      }
      let rest: Uint8Array = new Uint8Array(0)
      const receive = (bytes: Uint8Array): void => {
        if (isOpen) rest = readAll(concat([rest, bytes]), (reply) => say(event(reply)))
      }
      let wire: Wire
      try {
        wire = await store.connect(caller, receive, finish)
      } catch (error) {
        finish(error instanceof RefusedError ? error.message.replace(/^ERR /, '') : FAILED)
        return
      }
      gone.addEventListener('abort', () => end())
      end = () => {
        isOpen = false
        clearInterval(beat)
        wire.close()
      }
      wire.send(encodeCommand(command))
    },
    cancel: () => end(),
  })
}

/** Hands out the whole replies; answers the bytes behind them. */
function readAll(bytes: Uint8Array, take: (reply: Reply) => void): Uint8Array {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(bytes, 0, bytes.length)
  let taken = 0
  try {
    while (taken < bytes.length) {
      const reply = decoder.decode(false)
      taken = decoder.position
      take(reply)
    }
  } catch (error) {
    if (!(error instanceof IncompleteReply)) throw error
  }
  return bytes.subarray(taken)
}

function event(reply: Reply): string {
  if (reply instanceof ReplyError) return `event: error\n${lines(reply.message)}\n`
  const fields = Array.isArray(reply) ? reply : [reply]
  return `${lines(fields.map(String).join(','))}\n`
}

/** A carriage return ends a line, too: a message cannot bring lines of its own. */
function lines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')
}
