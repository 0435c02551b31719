#!/usr/bin/env node
// wadi: the command line of redis-server, and behind `wadi cli` that of redis-cli. Each loads what it needs.

/** Arguments as latin1: a character a byte. */
const argv = process.argv.slice(2).map((arg) => Buffer.from(arg).toString('latin1'))

if (argv[0] === 'cli') {
  const { runCli } = await import('./cli/main.ts')
  process.exitCode = await runCli(argv.slice(1))
} else {
  const { main } = await import('./program.ts')
  await main(argv)
}
