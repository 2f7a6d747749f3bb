import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { lastLines, lastLinesFrom } from './evidence-files.ts'
import { logPrinter, type LogPrinter, type LogSource } from './log-printer.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-logs-'))
afterAll(() => rmSync(root, { recursive: true }))

let folder: string
let sources: readonly LogSource[]
beforeEach(() => {
  folder = mkdtempSync(join(root, 'attempt-'))
  sources = [
    { title: 'build attempt 1 stdout', folder, stream: 'stdout' },
    { title: 'build attempt 1 stderr', folder, stream: 'stderr' },
  ]
})

function printer(over: Partial<Parameters<typeof logPrinter>[0]> = {}): LogPrinter & { written(): string } {
  const chunks: Buffer[] = []
  const made = logPrinter({
    ...{ write: (bytes) => void chunks.push(Buffer.from(bytes)), isTerminal: false, tail: undefined },
    ...over,
  })
  return Object.assign(made, { written: () => Buffer.concat(chunks).toString() })
}

const evil = 'a\u001b[2Jb\u001b]0;title\u0007\u202ec\r\nend'

describe('a printer of logs', () => {
  test('gives the bytes of one file as they are to whoever is no terminal', () => {
    writeFileSync(join(folder, 'stdout.log'), evil)
    const log = printer()
    log.print(sources)
    log.end()
    expect(log.written()).toBe(evil)
  })

  test('gives a terminal nothing that it would obey', () => {
    writeFileSync(join(folder, 'stdout.log'), evil)
    const log = printer({ isTerminal: true })
    log.print(sources)
    log.end()
    expect(log.written().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(log.written()).toMatch(/^ab.*c\nend\n$/s)
  })

  test('keeps a character of several bytes that comes in two parts', () => {
    const [first, second] = [Buffer.from('a €\n').subarray(0, 3), Buffer.from('a €\n').subarray(3)]
    writeFileSync(join(folder, 'stdout.log'), first)
    const log = printer({ isTerminal: true })
    log.print(sources)
    appendFileSync(join(folder, 'stdout.log'), second)
    log.print(sources)
    expect(log.written()).toBe('a €\n')
  })

  test('says which file comes where there are several, and prints only what is new', () => {
    writeFileSync(join(folder, 'stdout.log'), 'one\n')
    const log = printer()
    log.print(sources)
    writeFileSync(join(folder, 'stderr.log'), 'oops\n')
    log.print(sources)
    appendFileSync(join(folder, 'stdout.log'), 'two\n')
    log.print(sources)
    expect(log.written()).toBe('one\n\n==> build attempt 1 stderr <==\noops\n\n==> build attempt 1 stdout <==\ntwo\n')
  })

  test('begins with the last lines of what is there, and has all that comes later', () => {
    writeFileSync(join(folder, 'stdout.log'), '1\n2\n3\n')
    const log = printer({ tail: 1 })
    log.print(sources)
    appendFileSync(join(folder, 'stdout.log'), '4\n5\n')
    writeFileSync(join(folder, 'stderr.log'), 'a\nb\n')
    log.print(sources)
    expect(log.written()).toBe('3\n4\n5\n\n==> build attempt 1 stderr <==\na\nb\n')
  })

  test('has printed nothing where no process left anything', () => {
    mkdirSync(join(folder, 'empty'))
    const log = printer()
    log.print(sources)
    log.end()
    expect([log.hasPrinted, log.written()]).toEqual([false, ''])
  })
})

describe('the last lines of a file', () => {
  test.for<readonly [text: string, count: number, lines: readonly string[]]>([
    ['', 2, []],
    ['a', 2, ['a']],
    ['a\nb\nc\n', 2, ['b', 'c']],
    ['a\nb\nc', 2, ['b', 'c']],
    ['a\n\n', 1, ['']],
    [`${'x'.repeat(100_000)}\nlast\n`, 2, ['last']],
  ])('%#', ([text, count, lines]) => {
    const file = join(folder, 'stdout.log')
    writeFileSync(file, text)
    expect(lastLines(file, count)).toEqual(lines)
  })

  test.for<readonly [text: string, count: number, rest: string]>([
    ['', 2, ''],
    ['a\nb\nc\n', 0, ''],
    ['a\nb\nc\n', 1, 'c\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb\n', 9, 'a\nb\n'],
    [`a\n${'x'.repeat(200_000)}\nc\n`, 2, `${'x'.repeat(200_000)}\nc\n`],
  ])('begin where they begin, however far that is: %#', ([text, count, rest]) => {
    const file = join(folder, 'stdout.log')
    writeFileSync(file, text)
    expect(text.slice(lastLinesFrom(file, count))).toBe(rest)
  })
})
