// GET /metrics: what Prometheus scrapes, as the user whose credentials come with the request may see it.

import type { Context } from 'hono'
import { ReplyError } from '../../core/errors.ts'
import { measure, prometheusMetrics } from '../../core/metrics/index.ts'
import { credentials } from './credentials.ts'
import type { HttpSession } from './session.ts'

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export async function metricsResponse(c: Context, session: HttpSession): Promise<Response> {
  try {
    const user = credentials(c.req.header('authorization'))
    if (user) await session.call('AUTH', ...user)
    const text = prometheusMetrics(await measure((...args) => session.call(...args)))
    return c.body(text, 200, { 'content-type': CONTENT_TYPE })
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error
    if (error.message.startsWith('NOPERM')) return c.text(error.message, 403)
    return c.text(error.message, 401, { 'www-authenticate': 'Basic realm="wadi"' })
  }
}
