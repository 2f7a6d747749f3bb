import type { Diagnostic } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { diagnosticsOf, mistaken, placesOf, type Mistaken } from './mistaken.ts'
import { mistakes, type Expectation } from './mistakes.ts'
import { numRuns, parameters, recipes, timeout } from './recipes.ts'
import type { Mistake } from './spoiler.ts'

/** How often each mistake was made. */
const made = new Map<Mistake, number>(Object.keys(mistakes).map((mistake) => [mistake, 0]))

describe('a mistake in a definition that was well-typed', () => {
  test('is told with its code, where it is, and nothing else is', { timeout }, () => {
    fc.assert(
      fc.property(recipes, fc.nat(), ({ seed, choices }, nth) => {
        const places = placesOf(seed, choices)
        const rarest = [...places.keys()].filter((mistake) => mistake in mistakes).toSorted(byRarity)[0]
        if (rarest === undefined) return
        made.set(rarest, (made.get(rarest) ?? 0) + 1)
        const wrong = mistaken(seed, choices, rarest, nth % (places.get(rarest) ?? 1))
        const expected = mistakes[rarest]
        if (expected === undefined) return
        // What is done about an attempt that was given up is looked at only where all has to be typed.
        const isTyped = expected.isTyped === true || wrong.pointer.includes('/undo/')
        assertTold(rarest, { ...expected, isTyped }, wrong)
      }),
      parameters,
    )
  })

  test('was made of every kind, and often', () => {
    const atLeast = Math.floor(numRuns / 500)
    assert.deepEqual(
      [...made].filter(([, times]) => times < atLeast),
      [],
    )
  })
})

// The one that was made least often first, so that each is.
function byRarity(one: Mistake, other: Mistake): number {
  return (made.get(one) ?? 0) - (made.get(other) ?? 0)
}

// Where all has to be typed, nothing is known of what comes of a mistake.
function assertTold(mistake: Mistake, expected: Expectation, wrong: Mistaken): void {
  const diagnostics = diagnosticsOf(wrong, expected.isTyped === true)
  const { severity = 'error' } = expected
  const told = diagnostics.find((found) => found.severity === severity && isThere(found, expected, wrong))
  const all = diagnostics.map((found) => `${found.code} ${found.pointer} ${quoted(found, wrong)}: ${found.message}`)
  assert.ok(
    told !== undefined,
    `${mistake} at ${wrong.pointer} (${placeText(expected, wrong)}) is not told, but\n${all.join('\n')}\n${wrong.text}`,
  )
  if (expected.hasConsequences === true || expected.isTyped === true) return
  const others = diagnostics.filter((found) => found !== told && found.severity === 'error')
  assert.equal(others.length, 0, `${mistake} at ${wrong.pointer} is not alone:\n${all.join('\n')}\n${wrong.text}`)
}

function isThere(found: Diagnostic, expected: Expectation, wrong: Mistaken): boolean {
  if (!expected.codes.includes(found.code) || found.pointer !== wrong.pointer) return false
  return (
    quoted(found, wrong) === placeText(expected, wrong) &&
    (expected.at !== 'there' || found.range?.start.offset === wrong.start)
  )
}

function quoted({ range }: Diagnostic, { text }: Mistaken): string | undefined {
  return range && text.slice(range.start.offset, range.end.offset)
}

function placeText({ at }: Expectation, { text, start, end, pointer, value }: Mistaken): string {
  switch (at) {
    case 'there':
      return text.slice(start, end)
    case 'key':
      return JSON.stringify(pointer.slice(pointer.lastIndexOf('/') + 1))
    case 'value':
      return JSON.stringify(value)
    default:
      return at satisfies never
  }
}
