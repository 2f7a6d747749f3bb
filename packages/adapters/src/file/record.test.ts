import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchText, checked, checkedText, eventOf, recordOf, type EndMark } from './record.ts'

const end: EndMark = { batchId: 'b', n: 1, status: 'running', wakeAt: null, at: 7, consumed: ['a"b'] }
const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>

function event(output: never) {
  return { seq: 3, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a', output } as const
}

function lines(text: string): Buffer[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line))
}

describe('a line of a journal', () => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(json, (output) => {
        const [line = Buffer.of()] = lines(batchText(2, [event(output)], end))
        const record = recordOf(line)
        expect(record?.ending?.end).toEqual(end)
        expect(record && eventOf(record)).toEqual(JSON.parse(JSON.stringify(event(output))))
      }),
    )
  })

  test('begins with seq and ends with its checksum', () => {
    const { seq, ...rest } = event('x' as never)
    const text = batchText(2, [{ ...rest, seq }], end)
    expect(text).toMatch(/^\{"seq":3,.*,"crc":"[0-9a-f]{8}"\}\n$/)
  })

  test('is not read if any of its bytes is another', () => {
    const [line = Buffer.of()] = lines(batchText(2, [event('ä' as never)], end))
    for (let at = 0; at < line.length; at += 1) {
      for (const bit of [1, 0x20, 0x80]) {
        const other = Buffer.from(line)
        other[at] = (other[at] ?? 0) ^ bit
        expect(recordOf(other), `byte ${at}`).toBeUndefined()
      }
    }
  })

  test('ends a batch only where its event does not have the end inside', () => {
    const inside = { batchId: 'b', end: 1, x: 0, y: { end: end as never } } as never
    const [first = Buffer.of(), second = Buffer.of()] = lines(
      batchText(2, [event(inside), { ...event(inside), seq: 4 }], { ...end, n: 2 }),
    )
    expect(recordOf(first)?.ending).toBeUndefined()
    expect(recordOf(second)?.ending?.end).toEqual({ ...end, n: 2 })
  })

  test('without an event stands at the seq of the last one', () => {
    const [line = Buffer.of()] = lines(batchText(9, [], { ...end, n: 0 }))
    const record = recordOf(line)
    expect(record?.seq).toBe(9)
    expect(record && eventOf(record)).toBeUndefined()
  })
})

test('an event with a field that the journal needs is refused', () => {
  const other = { ...event(1 as never), end: 1 }
  expect(() => batchText(2, [other], end)).toThrow(/"end"/)
})

test('a checked line gives its text back', () => {
  expect(checkedText(Buffer.from(checked('{"a":1}').trimEnd()))).toBe('{"a":1}')
})
