import { expect, test } from 'vitest'
import { Lab } from '../support/lab.ts'

test.each([
  ['CLIENT CAPA redirect', '+OK\r\n'],
  ['CLIENT CAPA redirect whatever', '+OK\r\n'],
  ['CLIENT CAPA', "-ERR wrong number of arguments for 'client|capa' command\r\n"],
])('%s', (command, reply) => {
  expect(new Lab().open().say(command)).toBe(reply)
})
