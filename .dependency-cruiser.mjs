// Who may import whom: the rooms of docs/architecture.md as rules. Run by `npm run check`.

/** The rooms of the engine and what each may import besides itself. */
const floors = [
  'memory',
  'algorithms',
  'settings',
  'structures',
  'keyspace',
  'protocol',
  'persistence',
  'sessions',
  'execution',
  'access',
  'scripting',
  'types',
  'commands',
]

const rooms = Object.fromEntries(
  floors.slice(0, -1).map((room, floor) => [room, floors.slice(0, floor)]),
)

const roomRules = Object.entries(rooms).map(([room, below]) => ({
  name: `assembly/${room}`,
  comment: `assembly/${room} imports only ${below.join(', ') || 'nothing outside itself'}`,
  severity: 'error',
  from: { path: `^assembly/${room}/` },
  to: { pathNot: `^assembly/(${[room, ...below].join('|')}|generated)/` },
}))

export default {
  forbidden: [
    ...roomRules,
    {
      name: 'commands-are-apart',
      comment:
        'a command family does not import another; what two of them share is in commands/shared or below',
      severity: 'error',
      from: { path: '^assembly/commands/(?!shared/)([^/]+)' },
      to: {
        path: '^assembly/commands/',
        pathNot: ['^assembly/commands/shared/', '^assembly/commands/$1/'],
      },
    },
    {
      name: 'lua-side-is-apart',
      comment:
        'assembly/lua is a program of its own beside the interpreter: it shares what knows no engine',
      severity: 'error',
      from: { path: '^assembly/lua/' },
      to: { pathNot: '^assembly/(lua|algorithms|memory/(bytes|abort)|settings/version)' },
    },
    {
      name: 'engine-without-lua',
      comment: 'the engine does not import what runs beside the interpreter',
      severity: 'error',
      from: { path: '^assembly/(?!lua/)' },
      to: { path: '^assembly/lua/' },
    },
    {
      name: 'engine-imports-engine',
      comment: 'the engine imports nothing from outside assembly/',
      severity: 'error',
      from: { path: '^assembly/' },
      to: { pathNot: '^assembly/' },
    },
    {
      name: 'index-is-the-door',
      comment: 'assembly/index.ts is the ABI: it imports, nobody imports it',
      severity: 'error',
      from: { path: '^assembly/' },
      to: { path: '^assembly/index\\.ts$' },
    },
    {
      name: 'core-runs-anywhere',
      comment: 'host/core imports nothing but itself: no runtime, no package, no other folder',
      severity: 'error',
      from: { path: '^host/core/', pathNot: '^host/core/token\\.ts$' },
      to: { pathNot: '^host/core/' },
    },
    {
      name: 'tokens-need-jose',
      comment: 'the file about tokens, an entry of its own, imports jose besides',
      severity: 'error',
      from: { path: '^host/core/token\\.ts$' },
      to: { pathNot: ['^host/core/', 'node_modules/jose/'] },
    },
    {
      name: 'homes-are-apart',
      comment: 'each home imports host/core, host/http and itself, never another home',
      severity: 'error',
      from: { path: '^host/(?!core/|http/)([^/]+)/' },
      to: { path: '^(host|edge|web-demo|assembly)/', pathNot: '^host/(core|http|$1)/' },
    },
    {
      name: 'http-is-shared',
      comment: 'host/http serves every home: it imports host/core, itself and Hono',
      severity: 'error',
      from: { path: '^host/http/' },
      to: { pathNot: '^host/(core|http)/|node_modules/hono/' },
    },
    {
      name: 'edge-is-a-home',
      comment: 'the edge imports host/core, the door of host/http, and itself',
      severity: 'error',
      from: { path: '^edge/' },
      to: {
        path: '^(host|web-demo|assembly|scripts|test)/',
        pathNot: '^host/(core/|http/index\\.ts$)',
      },
    },
    {
      name: 'cli-knows-no-server',
      comment: 'wadi cli is a client: of the Node host it takes how texts are written alone',
      severity: 'error',
      from: { path: '^host/node/cli/' },
      to: {
        path: '^host/',
        pathNot:
          '^host/(core|node/cli)/|^host/node/(config/quoting|human-bytes|system-error|version)\\.ts$',
      },
    },
    {
      name: 'only-node-is-node',
      comment: 'Node is for host/node alone among the homes',
      severity: 'error',
      from: { path: '^(host/(?!node/)|edge/|web-demo/src/)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'product-is-not-tooling',
      comment: 'what is shipped imports neither tests nor scripts',
      severity: 'error',
      from: { path: '^(assembly|host|edge|web-demo)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'dependencies-are-declared',
      comment:
        'what is shipped imports only packages that are installed with it, or that its user brings',
      severity: 'error',
      from: { path: '^(host|edge)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
    {
      name: 'imports-resolve',
      comment: 'an import that leads nowhere; what workerd brings is there when it runs',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cloudflare:' },
    },
  ],
  options: {
    parser: 'swc', // reads AssemblyScript's decorators on functions, which acorn does not
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|dist)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
