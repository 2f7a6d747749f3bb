import { expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import { createEngine } from '../../src/runtime/engine.ts'

test('a definition is refused with the mistakes of its shape, its names and its handlers together', async () => {
  await using engine = createEngine({ handlers: { send: () => null } })
  const steps = [
    { id: 'first', uses: 'sned', retyr: { max: 1 } },
    { id: 'last', set: { x: '${{ steps.frist.output }}' } },
  ]
  const error: unknown = await engine
    .start({ segno: 1, name: 'mistaken', steps } as never)
    .catch((reason: unknown) => reason)
  if (!SegnoError.is(error, 'DEFINITION_INVALID')) throw new Error(String(error))
  expect(error.details).toMatchObject([
    { code: 'UNKNOWN_KEY', pointer: '/steps/0/retyr' },
    { code: 'UNKNOWN_STEP', pointer: '/steps/1/set/x' },
    { code: 'UNKNOWN_HANDLER', pointer: '/steps/0/uses' },
  ])
})
