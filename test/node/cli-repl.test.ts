/** `wadi cli` with somebody at the keyboard: prompt, history, completion, hints, help. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completions, docOf, help, hintFor, readDocs } from '../../host/node/cli/hints.ts'
import { parseOptions } from '../../host/node/cli/options.ts'
import { Repl } from '../../host/node/cli/repl.ts'
import { Session } from '../../host/node/cli/session.ts'
import { startServer } from '../support/server.ts'

/** A terminal of 80 columns whose screen is all that was ever written to it. */
class Screen extends PassThrough {
  readonly isTTY = true
  readonly columns = 80
  text = ''
  #wake: () => void = () => undefined

  override write(chunk: unknown): boolean {
    this.text += String(chunk)
    this.#wake()
    return true
  }

  /** Waits until a text is there, behind the last one that was waited for. */
  async shows(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.text = this.text.slice(this.text.indexOf(text) + text.length)
  }
}

class Keyboard extends PassThrough {
  readonly isTTY = true
  setRawMode(): this {
    return this
  }
}

async function begin(history = '') {
  const folder = mkdtempSync(join(tmpdir(), 'wadi-repl-'))
  const file = join(folder, 'history')
  writeFileSync(file, history)
  const before = process.env['REDISCLI_HISTFILE']
  process.env['REDISCLI_HISTFILE'] = file
  onTestFinished(() => {
    if (before === undefined) delete process.env['REDISCLI_HISTFILE']
    else process.env['REDISCLI_HISTFILE'] = before
    rmSync(folder, { recursive: true })
  })
  const { port } = await startServer()
  const options = parseOptions(['-p', String(port)], { isTerminal: true, env: {} })
  const keyboard = new Keyboard()
  const screen = new Screen()
  const session = new Session(options, {
    print: (text) => void screen.write(text),
    complain: (text) => void screen.write(text),
  })
  const repl = new Repl(
    session,
    keyboard as unknown as NodeJS.ReadStream,
    screen as unknown as NodeJS.WriteStream,
  )
  const ended = repl.run()
  await screen.shows(`127.0.0.1:${port}> `)
  return { port, keyboard, screen, ended, file, session }
}

describe('at the keyboard', () => {
  test('replies are written for people, and the prompt tells the database and a transaction', async () => {
    const { port, keyboard, screen, ended } = await begin()
    keyboard.write('SET key value\r')
    await screen.shows('OK\n')
    keyboard.write('LRANGE key 0 -1\r')
    await screen.shows('(error) WRONGTYPE')
    keyboard.write('SELECT 3\r')
    await screen.shows(`127.0.0.1:${port}[3]> `)
    keyboard.write('MULTI\r')
    await screen.shows(`127.0.0.1:${port}[3](TX)> `)
    keyboard.write('2 INCR n\r')
    await screen.shows('QUEUED\nQUEUED\n')
    keyboard.write('EXEC\r')
    await screen.shows('1) (integer) 1\n2) (integer) 2\n')
    await screen.shows(`127.0.0.1:${port}[3]> `)
    keyboard.write('get "x\r')
    await screen.shows('Invalid argument(s)\n')
    keyboard.write('quit\r')
    expect(await ended).toBe(0)
  })

  test('what a command takes is shown behind it, until it is typed', async () => {
    const { keyboard, screen, ended } = await begin()
    keyboard.write('GETRANGE ')
    await screen.shows('\x1b[0;90mkey start end\x1b[0m\x1b[13D')
    keyboard.write('k ')
    await screen.shows('\x1b[0;90mstart end\x1b[0m')
    keyboard.write('\x15:set nohints\r')
    keyboard.write('quit\r')
    await ended
  })

  test('tab completes names of commands, in the letter case of the line', async () => {
    const { keyboard, screen, ended } = await begin()
    keyboard.write('zrangebyl')
    await screen.shows('l')
    keyboard.write('\t')
    await screen.shows('ex')
    keyboard.write('\x15quit\r')
    await ended
  })

  test('the history is there the next time, without secrets', async () => {
    const { keyboard, screen, ended, file } = await begin('PING old\n')
    keyboard.write('\x1b[A')
    await screen.shows('PING old')
    keyboard.write('\r')
    await screen.shows('"old"\n')
    for (const line of ['AUTH secret', 'config set requirepass ""', 'ECHO new'])
      keyboard.write(`${line}\r`)
    await screen.shows('"new"\n')
    keyboard.write('quit\r')
    await ended
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines).toEqual(expect.arrayContaining(['PING old', 'ECHO new', 'quit']))
    expect(lines.join()).not.toMatch(/secret|requirepass/)
  })

  test('help tells of a command, and of a group', async () => {
    const { keyboard, screen, ended } = await begin()
    keyboard.write('help getrange\r')
    await screen.shows('GETRANGE key start end\n  summary: ')
    keyboard.write('help @hyperloglog\r')
    await screen.shows('PFADD key [element [element ...]]')
    keyboard.write('help\r')
    await screen.shows('To get help about Redis commands type:')
    keyboard.write('quit\r')
    await ended
  })

  test.each([
    ['SUBSCRIBE news', 'Reading messages... (press Ctrl-C to quit)\n'],
    ['BLPOP nothing 0', '\r\n'],
  ])('control-C ends it in %s', async (command, shown) => {
    const { keyboard, screen, ended } = await begin()
    keyboard.write(`${command}\r`)
    await screen.shows(shown)
    keyboard.write('\x03')
    expect(await ended).toBe(0)
    expect(screen.text).not.toContain('Error')
  })

  test('a server that is gone is asked again', async () => {
    const { keyboard, screen, ended, session, port } = await begin()
    session.close()
    keyboard.write('PING\r')
    await screen.shows('PONG\n')
    keyboard.write('connect 127.0.0.1 1\r')
    await screen.shows('Could not connect to Redis at 127.0.0.1:1: Connection refused\n')
    await screen.shows('not connected> ')
    keyboard.write(`connect 127.0.0.1 ${port}\r`)
    await screen.shows(`127.0.0.1:${port}> `)
    keyboard.write('quit\r')
    await ended
  })
})

describe('what is known of commands', () => {
  test('comes from the server, and shows as syntax', async () => {
    const { port } = await startServer()
    for (const protocol of ['-2', '-3']) {
      const options = parseOptions(['-p', String(port), protocol], { isTerminal: true, env: {} })
      const session = new Session(options, { print: () => undefined, complain: () => undefined })
      const docs = readDocs(await session.ask('COMMAND', 'DOCS'))
      session.close()
      expect(hintFor(docs, 'set')).toMatch(/^ key value \[NX\|XX/)
      expect(hintFor(docs, 'SET k')).toMatch(/^ value \[NX\|XX/)
      expect(hintFor(docs, 'set k v ')).toMatch(/^\[NX\|XX/)
      expect(hintFor(docs, 'config set ')).toBe('parameter value [parameter value ...]')
      expect(hintFor(docs, 'nosuch ')).toBe('')
      expect(completions(docs, 'CONFIG RE')).toEqual(['CONFIG RESETSTAT', 'CONFIG REWRITE'])
      expect(docOf(docs, ['client', 'list'])?.doc.name).toBe('CLIENT LIST')
      expect(help(docs, ['nosuch'])).toBe('\n')
    }
  })
})
