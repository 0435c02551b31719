// A tiny app, as the guide begins it: each home of the engine, written to and read from.

import { open } from 'wadi/browser'

export async function run() {
  const answers = {}
  for (const mode of ['here', 'worker', 'shared', 'memory']) {
    const db = await open(`packaged-${mode}`, { mode })
    await db.set('greeting', `hello from ${mode}`)
    answers[mode] = await db.get('greeting')
    await db.close()
  }
  return answers
}

run().then(
  (answers) => {
    document.body.dataset.answers = JSON.stringify(answers)
  },
  (error) => {
    document.body.dataset.error = String(error)
  },
)
