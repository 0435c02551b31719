/** The pages of figures: what the benchmarks write into them, and that nothing else gets there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { format, writeSection } from '../../scripts/bench/report.ts'

const docs = path.resolve(import.meta.dirname, '../../docs')

const cells = (line: string) => line.replaceAll('\\|', '').split('|').length

/** The rows of all tables of a page that are not as wide as their head. */
function crooked(page: string): string[] {
  const lines = page.split('\n')
  let width = 0
  return lines.filter((line, i) => {
    if (!line.startsWith('|')) width = 0
    else if (/^\|[-:| ]*-[-:| ]*\|$/.test(line)) width = cells(lines[i - 1]!)
    return width > 0 && cells(line) !== width
  })
}

const pages = readdirSync(docs).filter((file) => file.endsWith('.md'))

test.each(pages)('every row of a table in %s is as wide as its head', (name) => {
  expect(crooked(readFileSync(path.join(docs, name), 'utf8'))).toEqual([])
})

describe('a section of the page', () => {
  let file: string
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wadi-report-')), 'page.md')
  })
  afterEach(() => rmSync(path.dirname(file), { recursive: true }))

  const table = (value: string) => format({ head: ['what', 'ratio'], rows: [['BLPOP', value]] })
  const read = () => readFileSync(file, 'utf8')

  test('comes at the end of the page when it is new', () => {
    writeFileSync(file, '# Page\n\nWords.\n')
    writeSection(file, 'one', table('1.00'))
    expect(read()).toBe(
      `# Page\n\nWords.\n\n<!-- one -->\n\n${table('1.00')}\n\n<!-- end of one -->\n`,
    )
  })

  test('is replaced, and every other table keeps its row of the same name', () => {
    const misses = '| what | why |\n|---|---|\n| BLPOP | kernel |\n'
    writeSection(file, 'one', table('1.00'))
    writeSection(file, 'two', table('2.00'))
    writeFileSync(file, `${read()}\n${misses}`)
    const before = read()
    writeSection(file, 'one', table('1.11'))
    expect(read()).toBe(before.replace('1.00', '1.11'))
  })

  test('whose end is not marked is left alone', () => {
    const page = '# Page\n\n<!-- one -->\n\nWords that nobody may lose.\n'
    writeFileSync(file, page)
    expect(() => writeSection(file, 'one', table('1.00'))).toThrow('<!-- end of one -->')
    expect(read()).toBe(page)
  })
})
