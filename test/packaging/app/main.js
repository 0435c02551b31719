// A tiny app, as the guide begins it: a store in each of its modes, written to and read from. `start` is called
// once there is a page.

import { open } from 'wadi/browser'

async function run() {
  const answers = {}
  for (const mode of ['here', 'worker', 'shared', 'memory']) {
    const db = await open(`packaged-${mode}`, { mode })
    await db.set('greeting', `hello from ${mode}`)
    answers[mode] = await db.get('greeting')
    const script = "return #redis.call('GET', KEYS[1])"
    answers[`${mode}, by a script`] = await db.call('EVAL', script, 1, 'greeting')
    await db.close()
  }
  return answers
}

export async function start() {
  const { dataset } = document.body
  try {
    dataset.answers = JSON.stringify(await run())
  } catch (error) {
    dataset.error = String(error)
  }
}
