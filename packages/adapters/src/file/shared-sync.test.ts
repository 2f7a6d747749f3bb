import { expect, test } from 'vitest'
import { sharedSync } from './shared-sync.ts'

/** Syncs that end when they are told to. */
function syncs() {
  const begun: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  const sync = sharedSync(
    () =>
      new Promise<void>((resolve, reject) => {
        begun.push({ resolve, reject })
      }),
  )
  return { begun, sync }
}

test('who asks while a sync is under way gets the next one, together with all others', async () => {
  const { begun, sync } = syncs()
  const first = sync()
  const later = [sync(), sync()]
  expect(begun.length).toBe(1)
  begun[0]?.resolve()
  await first
  expect(begun.length).toBe(2)
  begun[1]?.resolve()
  await Promise.all(later)
  expect(begun.length).toBe(2)
})

test('who asks when none is under way gets one at once', async () => {
  const { begun, sync } = syncs()
  for (const count of [1, 2]) {
    const asked = sync()
    expect(begun.length).toBe(count)
    begun.at(-1)?.resolve()
    await asked
  }
})

test('who asks while the next one is under way gets the one after', async () => {
  const { begun, sync } = syncs()
  const first = sync()
  const second = sync()
  begun[0]?.resolve()
  await first
  const third = sync()
  begun[1]?.resolve()
  await second
  expect(begun.length).toBe(3)
  begun[2]?.resolve()
  await third
})

test('a sync that fails fails for those who wait for it, and not for those who wait for the next', async () => {
  const { begun, sync } = syncs()
  const first = sync()
  const second = sync()
  begun[0]?.reject(new Error('EIO'))
  await expect(first).rejects.toThrow('EIO')
  begun[1]?.resolve()
  await expect(second).resolves.toBeUndefined()
})
