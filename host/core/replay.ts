// Runs the effects log of an engine again, on one that begins.

import { Flag, Kind } from './abi.ts'
import { type Reply, ReplyDecoder, readText } from './decode.ts'
import type { Engine } from './engine.ts'
import { ReplyError } from './errors.ts'
import { commandsOf, LogError } from './records.ts'

/** @param stream batch records, cut anywhere @throws {LogError} it is not what was written */
export function replay(engine: Engine, stream: Iterable<Uint8Array>): void {
  const session = engine.open(Kind.loader)
  try {
    for (const commands of commandsOf(stream)) {
      for (let at = 0; at < commands.length; at += engine.windowBytes) {
        let flags = engine.feedChunk(session, commands.subarray(at, at + engine.windowBytes))
        while (flags & Flag.more) flags = engine.feedMore(session)
        if (flags & Flag.output) complain(engine.drain(session))
      }
    }
  } finally {
    engine.close(session)
  }
}

/** A loader answers with errors alone: a command of the log failed. */
function complain(output: Uint8Array): void {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(output, 0, output.length)
  while (decoder.position < output.length) {
    const reply: Reply = decoder.decode(false)
    if (reply instanceof ReplyError)
      throw new LogError(`a command of the log failed: ${reply.message}`)
  }
}
