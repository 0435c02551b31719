// Whether the server answers on its Unix socket: exit code 0 once it has loaded its dataset.
//
//   node health.mjs /run/wadi/redis.sock

import { connect } from 'node:net'

/** Asking for a password is an answer too; loading is not. */
const HEALTHY = /^(\+PONG|-NOAUTH|-NOPERM)/

const path = process.argv[2] ?? '/run/wadi/redis.sock'
const socket = connect(path, () => socket.write('PING\r\n'))
socket.setTimeout(2000, () => fail('no answer'))
socket.on('error', (error) => fail(error.message))
socket.on('close', () => fail('the connection was closed'))
let answer = ''
socket.on('data', (chunk) => {
  answer += chunk
  if (!answer.includes('\n')) return
  if (HEALTHY.test(answer)) process.exit(0)
  fail(answer.trim())
})

function fail(reason) {
  process.stderr.write(`${path}: ${reason}\n`)
  process.exit(1)
}
