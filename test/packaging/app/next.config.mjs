import { join } from 'node:path'

export default {
  output: 'export',
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, '..') },
}
