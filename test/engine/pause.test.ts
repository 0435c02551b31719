/** CLIENT PAUSE on a clock of our own. */
import { expect, test } from 'vitest'
import { Flag } from '../../host/core/abi.ts'
import { Stage } from '../support/stage.ts'

test('a command that is held back asks for no further call until the pause is over', () => {
  const stage = new Stage()
  const [admin, client] = [stage.open(), stage.open()]
  stage.send(admin, 'CLIENT PAUSE 50')
  expect(stage.send(client, 'SET k 1') & (Flag.more | Flag.blocked)).toBe(Flag.blocked)
  expect(stage.send(client, 'GET k') & Flag.more).toBe(0)
  expect(stage.received(client)).toEqual([])
  stage.pass(49)
  expect(stage.received(client)).toEqual([])
  stage.pass(2)
  expect(stage.received(client)).toEqual(['+OK\\r\\n', '$1\\r\\n1\\r\\n'])
})

test('CLIENT UNPAUSE lets what was held back run at once, in its order', () => {
  const stage = new Stage()
  const [admin, client] = [stage.open(), stage.open()]
  stage.send(admin, 'CLIENT PAUSE 100000 WRITE')
  stage.send(client, 'SET k 1')
  stage.send(client, 'GET k')
  expect(stage.received(client)).toEqual([])
  stage.send(admin, 'CLIENT UNPAUSE')
  expect(stage.received(client)).toEqual(['+OK\\r\\n', '$1\\r\\n1\\r\\n'])
})
