/** Little-endian bytes that grow, and a pool in which each text stands once. */
export class Bytes {
  #bytes: number[] = []

  get length(): number {
    return this.#bytes.length
  }

  u8(value: number): this {
    if (value < 0 || value > 0xff) throw new RangeError(`${value} is no u8`)
    this.#bytes.push(value)
    return this
  }

  u16(value: number): this {
    if (value < 0 || value > 0xffff) throw new RangeError(`${value} is no u16`)
    this.#bytes.push(value & 0xff, value >> 8)
    return this
  }

  i16(value: number): this {
    if (value < -0x8000 || value > 0x7fff) throw new RangeError(`${value} is no i16`)
    return this.u16(value & 0xffff)
  }

  u32(value: number): this {
    return this.u16((value >>> 0) & 0xffff).u16(value >>> 16)
  }

  i64(value: bigint): this {
    const word = BigInt.asUintN(64, value)
    return this.u32(Number(word & 0xffff_ffffn)).u32(Number(word >> 32n))
  }

  zeros(count: number): this {
    for (let i = 0; i < count; i++) this.#bytes.push(0)
    return this
  }

  text(value: string): this {
    this.#bytes.push(...Buffer.from(value, 'utf8'))
    return this
  }

  /** An expression for static memory of the engine that holds these bytes. */
  toStatic(align: number): string {
    const rows: string[] = []
    for (let i = 0; i < this.#bytes.length; i += 32) {
      rows.push(`  ${this.#bytes.slice(i, i + 32).join(',')},`)
    }
    if (!rows.length) return `memory.data(${align}, ${align})`
    return `memory.data<u8>([\n${rows.join('\n')}\n], ${align})`
  }
}

export class Pool {
  readonly bytes = new Bytes()
  #offsets = new Map<string, number>()

  /** Where the text stands. */
  offset(text: string): number {
    let offset = this.#offsets.get(text)
    if (offset === undefined) {
      offset = this.bytes.length
      this.#offsets.set(text, offset)
      this.bytes.text(text)
    }
    return offset
  }
}
