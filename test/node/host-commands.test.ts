import { describe, expect, test } from 'vitest'
import { OK, Simple } from '../../host/core/reply.ts'
import { type HostCommand, type LateHostCommand, ReplyError } from '../../host/node/index.ts'
import { connect, startServer, until } from '../support/server.ts'

/** A server where BGSAVE, and LASTSAVE with a late reply, are what the test says. */
async function serve(
  command: HostCommand,
  late: LateHostCommand = async (call) => command(call),
  log: (line: string) => void = () => undefined,
) {
  const embedded = await startServer({ log })
  embedded.server.commands.on('bgsave', command)
  embedded.server.commands.onLate('lastsave', late)
  const client = await connect(embedded.port)
  const ask = async (expected: string, ...list: string[][]) => {
    client.send(...list)
    expect(String(await client.read(Buffer.byteLength(expected)))).toBe(expected)
  }
  return { server: embedded.server, port: embedded.port, client, ask }
}

describe('a command of the host', () => {
  test.each<[string, ReturnType<HostCommand>, string]>([
    ['a simple string', OK, '+OK\r\n'],
    ['text', 'häh', '$4\r\nhäh\r\n'],
    ['bytes', Uint8Array.of(104, 105), '$2\r\nhi\r\n'],
    ['a number', 42, ':42\r\n'],
    ['nothing', null, '$-1\r\n'],
    ['a list', [1, ['a'], null], '*3\r\n:1\r\n*1\r\n$1\r\na\r\n$-1\r\n'],
    ['an error', new ReplyError('ERR no'), '-ERR no\r\n'],
  ])('replies %s', async (_, reply, wire) => {
    const { ask } = await serve(() => reply)
    await ask(wire, ['BGSAVE'])
    await ask(wire, ['LASTSAVE'])
  })

  test('knows its arguments', async () => {
    const { ask } = await serve(
      (call) => new Simple(`${call.name} ${call.word(1)} ${call.args.length}`),
    )
    await ask('+bgsave schedule 2\r\n', ['bgSave', 'SCHEDULE'])
  })

  test('that fails replies an error and logs what happened', async () => {
    const lines: string[] = []
    const fail: HostCommand = () => {
      throw new Error('the disk is on fire')
    }
    const { ask } = await serve(fail, undefined, (line) => lines.push(line))
    await ask('-ERR the disk is on fire\r\n', ['BGSAVE'])
    await ask('-ERR the disk is on fire\r\n', ['LASTSAVE'])
    expect(lines.join('')).toContain('# bgsave failed: Error: the disk is on fire')
  })

  /** A LASTSAVE that replies when the test wants it. */
  function delayed(): { late: LateHostCommand; asked: Promise<void>; reply: () => void } {
    let ask: () => void
    let reply: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (ask = resolve))
    const late: LateHostCommand = () =>
      new Promise((resolve) => {
        reply = () => resolve(OK)
        ask()
      })
    return { late, asked, reply: () => reply() }
  }

  test('that replies later lets others go on, and keeps the order of its own client', async () => {
    const { late, asked, reply } = delayed()
    const { client, port } = await serve(() => OK, late)
    const other = await connect(port)
    client.send(['LASTSAVE'], ['PING'])
    await asked
    other.send(['PING'])
    expect(await other.readLike('+PONG\r\n')).toBe('+PONG\r\n')
    reply()
    expect(await client.readLike('+OK\r\n+PONG\r\n')).toBe('+OK\r\n+PONG\r\n')
  })

  test('whose client has left answers nobody, not even who came in its place', async () => {
    const { late, asked, reply } = delayed()
    const { client, port, server } = await serve(() => OK, late)
    client.send(['LASTSAVE'])
    await asked
    client.socket.destroy()
    await until(() => server.clients.count === 0)
    const next = await connect(port)
    next.send(['PING'])
    expect(await next.readLike('+PONG\r\n')).toBe('+PONG\r\n')
    reply()
    next.send(['ECHO', 'x'])
    expect(await next.readLike('$1\r\nx\r\n')).toBe('$1\r\nx\r\n')
  })

  test('runs inside a transaction', async () => {
    const { ask } = await serve(() => OK)
    const queued = '+OK\r\n+QUEUED\r\n+QUEUED\r\n'
    await ask(`${queued}*2\r\n+OK\r\n$1\r\nx\r\n`, ['MULTI'], ['BGSAVE'], ['ECHO', 'x'], ['EXEC'])
  })

  test('that replies later does not run inside a transaction', async () => {
    let runs = 0
    const { ask } = await serve(
      () => OK,
      async () => ++runs,
    )
    const refused = '-ERR Command not allowed inside a transaction\r\n'
    const replies = `+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n${refused}$1\r\nx\r\n`
    await ask(replies, ['MULTI'], ['LASTSAVE'], ['ECHO', 'x'], ['EXEC'])
    expect(runs).toBe(0)
  })

  test('goes by its own name when it is renamed', async () => {
    const config = { 'rename-command': ['BGSAVE', 'KEEP'] }
    const { server, port } = await startServer({ config })
    server.commands.on('bgsave', (call) => new Simple(call.name))
    const client = await connect(port)
    client.send(['KEEP'])
    expect(await client.readLike('+bgsave\r\n')).toBe('+bgsave\r\n')
  })
})
