// npm test: installs what the tests need, builds, runs them, and ends with one line of counts.
// Arguments go to vitest: `npm test -- test/engine` runs the tests of one folder.

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { install } from './install.mjs'
import { modernNode, root, run, say } from './run.mjs'

const results = join(root, 'build/test-results.json')

try {
  await install()
  const redisMissing = await installFromDebian(
    ['redis-server', 'redis-cli'],
    'redis-server redis-tools',
    'the reference of the tests',
  )
  const chromiumMissing = await installFromDebian(
    ['chromium'],
    'chromium',
    'for the tests of the browser',
  )
  const node = modernNode()
  const built = await run(node, ['scripts/build.ts'])
  if (built !== 0) throw new Error('the build failed')

  rmSync(results, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)]
  const code = await run(node, vitest, { stdio: ['ignore', 1, 2] })
  const { passed, failed, skipped } = count(code)
  if (redisMissing) console.log(`Tests against redis-server were skipped: ${redisMissing}.`)
  if (chromiumMissing) console.log(`Tests in a browser were skipped: ${chromiumMissing}.`)
  finish(passed, failed, skipped)
} catch (error) {
  say(`wadi: ${error.message}`)
  finish(0, 1, 0)
}

function finish(passed, failed, skipped) {
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed ? 1 : 0
}

/** A file that does not load counts as a failure, and so does whatever else made vitest fail. */
function count(code) {
  const report = JSON.parse(readFileSync(results, 'utf8'))
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  return {
    passed: report.numPassedTests,
    failed: failed || (code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * Gets programs from Debian, without starting a service (that is what policy-rc.d says). Answers the reason
 * when they cannot be had.
 */
async function installFromDebian(programs, packages, what) {
  if (programs.every(has)) return undefined
  const [program] = programs
  if (!has('apt-get')) return `${program} is not installed, and apt-get is not there to get it`
  if (process.getuid?.() !== 0) return `${program} is not installed, and only root may install it`
  say(`wadi: installing ${program}, ${what}`)
  const get = `apt-get install -qq -y --no-install-recommends ${packages}`
  const command = `
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
      trap 'rm -f $policy' EXIT
    fi
    ${get} || { apt-get update -qq && ${get}; }`
  const code = await run('sh', ['-c', command])
  return code === 0 ? undefined : `apt-get could not install ${program} (code ${code})`
}

function has(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return error.code !== 'ENOENT'
  }
}
