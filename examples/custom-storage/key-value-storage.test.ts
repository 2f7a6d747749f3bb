import { durableStorageLaws, storageLaws } from '@segno/core/testing'
import { createEngine } from 'segno'
import type { Definition, Storage } from 'segno'
import { describe, expect, test } from 'vitest'
import { mapKeyValue } from './key-value.ts'
import { keyValueStorage } from './key-value-storage.ts'

describe('keyValueStorage keeps the laws', () => {
  test.for([...storageLaws, ...durableStorageLaws])('$name', async (law) => {
    let now = Date.UTC(2026, 0, 1)
    const store = mapKeyValue(() => now)
    const advance = async (ms: number): Promise<void> => void (now += ms)
    const reopen = async (): Promise<Storage> => keyValueStorage(store)
    const tested = { storage: keyValueStorage(store), reopen, leaseMs: 30_000, advance }
    await law.holds(tested)
  })
})

test('an engine runs on it', async () => {
  const definition: Definition = {
    segno: 1,
    name: 'greet',
    output: { text: { type: 'string', value: '${{ steps.hello.output }}' } },
    steps: [{ id: 'hello', uses: 'hello' }],
  }
  await using engine = createEngine({ storage: keyValueStorage(mapKeyValue()), handlers: { hello: () => 'Hello' } })
  const run = await engine.start(definition)
  expect(await run.output()).toEqual({ text: 'Hello' })
})
