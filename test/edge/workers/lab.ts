// The worker of the tests: the real object and app, and a door by which a test lets writes fail, holds the
// clock, and asks which instance is awake.

import { encodeCommand } from '../../../host/core/encode.ts'
import { batchOf } from '../../../edge/batch.ts'
import { incoming } from '../../../edge/bulk.ts'
import { WadiObject } from '../../../edge/object.ts'
import { edgeApp } from '../../../edge/app.ts'
import { stores, Wadi } from '../../../edge/client.ts'
import { shardStub } from '../../../edge/shards/place.ts'
import { WadiGateway as Gateway } from '../../../edge/shards/gateway.ts'
import type { WadiEnv } from '../../../edge/settings.ts'
import type { Sql } from '../../../edge/store/sql.ts'

export { Wadi }

export class WadiGateway extends Gateway {
  readonly #instance = crypto.randomUUID()

  instance(): string {
    return this.#instance
  }

  /** It loses its memory and its sockets, and does not wake by itself. */
  die(): void {
    this.ctx.abort('it dies for a test')
  }
}

/** What a test asks an object for; it holds for that object until it is told otherwise, over its deaths. */
interface Faults {
  /** The log takes so many more writes, then each throws. */
  writesLeft?: number
  /** The clock stands still here, in ms. */
  heldMs?: number
  /** Calls for several requests are answered so much later. */
  lateMs?: number
}

const faults = new Map<string, Faults>()

export class LabObject extends WadiObject {
  readonly #instance = crypto.randomUUID()
  readonly #calls = { single: 0, shared: 0 }

  get #faults(): Faults {
    return faults.get(this.ctx.id.toString()) ?? {}
  }

  protected override nowMs(): number {
    return this.#faults.heldMs ?? Date.now()
  }

  protected override sql(): Sql {
    const real = super.sql()
    return {
      exec: (query, ...bindings) => {
        const mine = this.#faults
        if (/^(INSERT INTO|UPDATE) log/.test(query) && mine.writesLeft !== undefined) {
          if (mine.writesLeft <= 0) throw new Error('the disk is full')
          mine.writesLeft--
        }
        return real.exec(query, ...bindings)
      },
      transaction: (work) => real.transaction(work),
    }
  }

  /** Tests make it complain on purpose. */
  protected override write(line: string): void {
    if ((this.env as LabEnv).LAB_LOUD) super.write(line)
  }

  instance(): string {
    return this.#instance
  }

  /** How often the worker has called, for one request or for several. */
  calls(): { single: number; shared: number } {
    return this.#calls
  }

  override exchange(...call: Parameters<WadiObject['exchange']>) {
    this.#calls.single++
    return super.exchange(...call)
  }

  override async exchangeAll(...call: Parameters<WadiObject['exchangeAll']>) {
    this.#calls.shared++
    const answer = await super.exchangeAll(...call)
    await new Promise((resolve) => setTimeout(resolve, this.#faults.lateMs ?? 0))
    return answer
  }

  /** When the object is woken, Unix time in ms; null: not by itself. */
  alarmMs(): Promise<number | null> {
    return this.ctx.storage.getAlarm()
  }

  /** Rows of a table, and the bytes in them. */
  rows(table: 'log' | 'snapshot' | 'parked'): { count: number; bytes: number; largest: number } {
    const [row] = this.ctx.storage.sql
      .exec(
        `SELECT count(*) AS count, total(length(bytes)) AS bytes, max(length(bytes)) AS largest FROM ${table}`,
      )
      .toArray()
    return row as never
  }
}

interface LabEnv extends WadiEnv {
  /** Complaints are printed. */
  LAB_LOUD?: string
  /** The entrypoint, as another worker binds it. */
  STORE: { get(name: string): { call(command: string[]): Promise<unknown> } }
}

/** What code inside the deployment can do, by each of its ways. */
async function inside(env: LabEnv, name: string): Promise<unknown[]> {
  const typed = stores(env).get(name)
  const native = env.WADI.getByName(name) as unknown as Pick<LabObject, 'call'>
  return [
    await typed.set('k', 'v', { ex: 60 }),
    await typed.hset('h', { a: 1, b: 2 }),
    await typed.hgetall('h'),
    await typed.call(['GET', 'k']),
    await typed.transaction([
      ['INCR', 'n'],
      ['INCR', 'n'],
    ]),
    await typed.lpush('k', 'x').catch((error: Error) => error.message),
    await typed.call([]).catch((error: Error) => error.message),
    await typed.call(['CLIENT', 'REPLY', 'OFF']).catch((error: Error) => error.message),
    await native.call(['GET', 'k']),
    await env.STORE.get(name).call(['GET', 'k']),
  ]
}

/** Whom batches of the lab are of. */
const CALLER = { identity: { id: 'lab', user: 'default', expiresMs: 0 }, isRest: true }

const app = edgeApp()

export default {
  async fetch(request: Request, env: WadiEnv, context: ExecutionContext): Promise<Response> {
    const url = new URL(request.url)
    if (!url.pathname.startsWith('/lab/')) return app.fetch(request, env, context)
    const name = url.searchParams.get('name') ?? 'default'
    const map = { epoch: 1, shards: 1 }
    const shard = Number(url.searchParams.get('shard') ?? 0)
    const stub = shardStub(env, { name, map }, shard) as unknown as DurableObjectStub<LabObject>
    switch (url.pathname) {
      case '/lab/instance':
        return new Response(await stub.instance())
      case '/lab/claim': {
        const shards = Number(url.searchParams.get('shards'))
        const place = { name, map: { epoch: 1, shards }, shard }
        const result = await stub.exchange(new TextEncoder().encode('PING\r\n'), {}, place)
        return new Response('message' in result ? result.message : 'taken')
      }
      case '/lab/gateways': {
        const shards = Number(url.searchParams.get('shards'))
        const isToDie = url.searchParams.has('die')
        const answers = Array.from({ length: shards }, (_, number) => {
          const gateways = env.WADI_GATEWAY as unknown as DurableObjectNamespace<WadiGateway>
          const gateway = gateways.getByName(`${name}/gateway/${number}`)
          return isToDie ? gateway.die().catch(() => 'dead') : gateway.instance()
        })
        return Response.json(await Promise.all(answers))
      }
      case '/lab/inside':
        return Response.json(await inside(env as LabEnv, name))
      case '/lab/rows':
        return Response.json(await stub.rows(url.searchParams.get('table') as never))
      case '/lab/calls':
        return Response.json(await stub.calls())
      case '/lab/batch': {
        const { commands } = (await request.json()) as { commands: string[][] }
        const batch = batchOf(
          commands.map((command) => ({ commands: encodeCommand(command), caller: CALLER })),
        )
        const answer = await stub.exchangeAll(batch, { name, map, shard })
        if (!('ends' in answer)) return Response.json(answer)
        const replies = new TextDecoder().decode(await incoming(answer.replies))
        return Response.json({ ends: answer.ends, replies })
      }
      case '/lab/late': {
        const replies = await stub.late(url.searchParams.get('ticket')!)
        return Response.json(replies ? new TextDecoder().decode(await incoming(replies)) : null)
      }
      case '/lab/alarm':
        return Response.json(await stub.alarmMs())
      case '/lab/faults':
        faults.set(stub.id.toString(), await request.json())
        return new Response('ok')
    }
    return new Response('not found', { status: 404 })
  },
}
