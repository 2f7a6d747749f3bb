import { expect, test } from 'vitest'
import * as z from 'zod/mini'

test('what a schema has no message for is told in the language that the host chose', async () => {
  z.config({ localeError: ({ code }) => `falsch: ${code}` })
  const { Definition } = await import('./workflow.ts')
  const { error } = Definition.safeParse({ segno: 1, name: 'a', input: { b: { enum: [], type: [] } }, steps: [] })
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'falsch: too_small',
    'expected at least one value, got a list',
    'expected at least one step, got a list',
  ])
})
