import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definition, Step } from '../definition.ts'
import { checkDefinition } from './check.ts'
import { SiblingNeeds } from './sibling-needs.ts'

const step = (position: number, needs: readonly number[]): Step => ({
  id: `s${position}`,
  uses: 'work',
  needs: needs.map((need) => `s${need}`),
})

const stepsMax = 40

/** Needs of each step by position: of any, of one that is not there too, in circles too. */
const anyNeeds = fc.array(fc.array(fc.nat({ max: stepsMax }), { maxLength: 3 }), { maxLength: stepsMax })

// By following each need again and again.
function reached(needs: readonly (readonly number[])[], from: number): ReadonlySet<number> {
  const found = new Set<number>()
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const one of [from, ...found])
      for (const need of needs[one] ?? []) if (needs[need] !== undefined) found.add(need)
  }
  found.delete(from)
  return found
}

describe('a child of `parallel`', () => {
  test('needs all that its needs lead to, in whichever order that is asked for', () => {
    fc.assert(
      fc.property(anyNeeds, fc.infiniteStream(fc.nat({ max: stepsMax })), (needs, asked) => {
        const siblings = new SiblingNeeds(needs.map((own, position) => step(position, own)))
        const positions = new Set([...[...asked.take(needs.length)].filter((one) => one in needs), ...needs.keys()])
        for (const position of positions) {
          const expected = reached(needs, position)
          const found = [...needs.keys()].filter((other) => siblings.has(`s${position}`, `s${other}`))
          expect(found).toEqual([...expected].toSorted((a, b) => a - b))
          expect(siblings.of(`s${position}`)).toEqual(found.map((other) => `s${other}`))
        }
      }),
    )
  })

  test('comes after what it needs, where there is no circle', () => {
    fc.assert(
      fc.property(anyNeeds, (needs) => {
        const siblings = new SiblingNeeds(needs.map((own, position) => step(position, own)))
        const order = siblings.inOrder()
        expect(order.toSorted((a, b) => a - b)).toEqual([...needs.keys()])
        const isCircular = [...needs.keys()].some((one) =>
          (needs[one] ?? []).some((need) => need === one || reached(needs, need).has(one)),
        )
        expect(siblings.circles().length > 0).toBe(isCircular)
        if (isCircular) return
        for (const [turn, position] of order.entries())
          for (const need of needs[position] ?? []) if (need in needs) expect(order.indexOf(need)).toBeLessThan(turn)
      }),
    )
  })

  test('needs nothing by a name that no sibling has', () => {
    const siblings = new SiblingNeeds([step(0, [7])])
    expect([siblings.has('s0', 's7'), siblings.has('s7', 's0'), siblings.of('s7')]).toEqual([false, false, []])
  })
})

describe('a chain of thousands', () => {
  const length = 4000
  const positions = Array.from({ length }, (_, index) => index)
  const mistakes = (parallel: readonly Step[]): string[] => {
    const definition: Definition = { segno: 1, name: 'chain', steps: [{ id: 'all', parallel }] }
    return checkDefinition(definition).map(({ code, message }) => `${code}: ${message}`)
  }

  test('is checked in the order of the text', { timeout: 15_000 }, () => {
    const reading = (position: number): object => ({
      with: { first: '${{ steps.s0.output }}', last: `\${{ steps.s${position - 1}.output }}` },
    })
    const chain = positions.map((one) => (one === 0 ? step(one, []) : { ...step(one, [one - 1]), ...reading(one) }))
    expect(mistakes(chain as Step[])).toEqual([])
  })

  test('is checked against the order of the text', () => {
    expect(mistakes(positions.map((one) => step(one, one === length - 1 ? [] : [one + 1])))).toEqual([])
  })

  test('is not printed whole where it is a circle', () => {
    expect(mistakes(positions.map((one) => step(one, [(one + 1) % length])))).toEqual([
      'NEEDS_CYCLE: steps need each other in a circle: ' +
        's0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → s8 → s9 → … → ' +
        's3991 → s3992 → s3993 → s3994 → s3995 → s3996 → s3997 → s3998 → s3999 → s0',
    ])
  })
})
