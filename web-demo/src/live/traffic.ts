// Something for the charts to show: commands of a small shop, in rounds, until it is stopped.

import { call } from '../store/store.ts'

const ROUND = 64
const PAUSE_MS = 12
const PRODUCTS = 400

const pick = (count: number) => Math.floor(Math.random() * count)

function command(): Promise<unknown> {
  const product = pick(PRODUCTS)
  switch (pick(10)) {
    case 0:
      return call('SET', `traffic:page:${product}`, 'x'.repeat(50 + pick(400)), 'EX', 30)
    case 1:
      return call('INCR', 'traffic:visits')
    case 2:
      return call('ZINCRBY', 'traffic:best-sellers', 1, `product ${product}`)
    case 3:
      return call('HINCRBY', `traffic:product:${product}`, 'views', 1)
    default:
      // One in five asks for a page that nobody makes.
      return call('GET', `traffic:page:${pick(PRODUCTS * 1.25)}`)
  }
}

export class Traffic {
  #isOn = false

  get isOn(): boolean {
    return this.#isOn
  }

  async start(): Promise<void> {
    this.#isOn = true
    while (this.#isOn) {
      await Promise.all(Array.from({ length: ROUND }, command))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** Stops, and takes its keys with it. */
  async stop(): Promise<void> {
    this.#isOn = false
    const names = ['traffic:visits', 'traffic:best-sellers']
    for (let i = 0; i < PRODUCTS; i++) names.push(`traffic:page:${i}`, `traffic:product:${i}`)
    await call('UNLINK', ...names)
  }
}
