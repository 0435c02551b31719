/** redis-server as a cluster of one node, which has all slots. */
import { Connection } from '../../support/resp.ts'
import { freePort, type TestServer } from '../../support/process.ts'
import { startRedis } from '../../support/redis.ts'

/** A cluster whose node has the slots from `first` to `last`, and serves these if it has not all. */
export async function startCluster(first = 0, last = 16383): Promise<TestServer> {
  // Where the nodes talk to each other: ten thousand above the port there may be no port.
  const bus = await freePort()
  const server = await startRedis({
    args: [
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      String(bus),
      '--cluster-require-full-coverage',
      'no',
      '--proto-max-bulk-len',
      '1mb',
    ],
  })
  const control = await Connection.connect(server.port)
  await control.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
  const deadline = performance.now() + 10_000
  while (!(await control.call('CLUSTER', 'INFO')).text.includes('cluster_state:ok'))
    if (performance.now() > deadline) throw new Error('the cluster is not ready after 10 s')
  control.close()
  return server
}
