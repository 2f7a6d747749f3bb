import { expect, test } from 'vitest'
import { Evaluation } from '../expression/evaluation.ts'
import { ExpressionError } from '../expression/expression.ts'
import { functions } from '../expression/functions.ts'
import { TimeValue } from '../expression/time.ts'
import type { Value } from '../expression/value.ts'
import { functionTypes } from './function-types.ts'
import { typeOfValue } from './of-value.ts'
import { isTaken } from './operand.ts'
import { hasType } from './type.fixture.ts'
import { durationType, timestampType, type Type } from './type.ts'

test('every function has types for as many operands as it takes', () => {
  const counts = (rows: Iterable<readonly [string, number]>): Record<string, number> => Object.fromEntries(rows)
  expect(counts([...functionTypes].map(([name, { operands }]) => [name, operands.length]))).toEqual(
    counts([...functions].map(([name, { operandsMax }]) => [name, operandsMax])),
  )
})

const moment = new TimeValue('timestamp', 1_700_000_000_500_000_000n)
const span = new TimeValue('duration', -90_500_000_000n)
const samples: readonly Value[] = [
  ...[null, true, 0, 2, 1.5, '', 'a', '12', 'true', '1h', '2026-01-31T09:30:00Z', moment, span],
  ...[[], ['a'], ['a', 1], {}, { a: 'b' }],
]

test.for([...functionTypes.keys()])(
  '%s takes what its types say, no more and no less, and gives what they say',
  (name) => {
    const [row, types] = [functions.get(name), functionTypes.get(name)]
    if (row === undefined || types === undefined) throw new Error(`there is no function "${name}"`)
    for (const operands of operandsOf(row.operandsMax)) {
      const found = operands.map(typeOf)
      const isFine = found.every((type, index) => isTaken(type, types.operands[index] ?? type))
      const given = outcome(() => row.apply(operands, new Evaluation(noScope, '', 0, 0), { quote: '', name }))
      if (!isFine) expect({ operands, refused: 'refused' in given }).toEqual({ operands, refused: true })
      else if ('value' in given) expect(hasType(given.value, types.result(found))).toBe(true)
      else
        expect(given).toEqual({
          refused: expect.stringMatching(/is not|there is no character|the end is before|cannot be replaced/),
        })
    }
  },
)

const noScope = { variable: () => undefined, step: () => undefined }

function typeOf(value: Value): Type {
  if (value instanceof TimeValue) return value.kind === 'timestamp' ? timestampType : durationType
  return typeOfValue(value as never)
}

function operandsOf(count: number): Value[][] {
  if (count === 0) return [[]]
  const others = operandsOf(count - 1)
  return samples.flatMap((sample) => others.map((rest) => [sample, ...rest]))
}

function outcome(act: () => Value): { value: Value } | { refused: string } {
  try {
    return { value: act() }
  } catch (error) {
    if (error instanceof ExpressionError) return { refused: error.failure.message }
    throw error
  }
}
