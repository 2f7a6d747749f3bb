import { expectEqual } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { batch, claim, create, write } from './law-run.ts'

const blob = (name: string, text: string) => ({
  sha256: name.repeat(64),
  size: new TextEncoder().encode(text).length,
  text,
})

/** Values kept beside the journal. */
export const blobLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a blob is kept with the batch that names it, byte for byte',
    async holds(world) {
      const { storage } = world
      const [first, second, large] = [
        blob('a', '"\u{1d11e} \\u0000"'),
        blob('b', ' [ 1 ] '),
        blob('d', `"${'x'.repeat(8 * 1024 * 1024)}"`),
      ]
      await claim(world, 'run', { blobs: [first] })
      await write(storage, batch('run', 1, { blobs: [second, large] }))
      for (const { sha256, text } of [first, second, large])
        expectEqual(await storage.getBlob('run', sha256), text, 'the text')
    },
  },
  {
    name: 'a blob belongs to one run',
    async holds({ storage }) {
      await create(storage, 'run', { blobs: [blob('a', '1')] })
      await create(storage, 'run2')
      expectEqual(await storage.getBlob('run2', 'a'.repeat(64)), undefined, 'of another run')
      expectEqual(await storage.getBlob('run', 'b'.repeat(64)), undefined, 'of another name')
      expectEqual(await storage.getBlob('nobody', 'a'.repeat(64)), undefined, 'of no run')
    },
  },
  {
    name: 'the same blob in many batches is one blob',
    async holds(world) {
      await claim(world, 'run', { blobs: [blob('a', '1')] })
      for (const seq of [1, 2])
        await write(world.storage, batch('run', seq, { blobs: [blob('a', '1'), blob('a', '1')] }))
      expectEqual(await world.storage.getBlob('run', 'a'.repeat(64)), '1', 'the text')
    },
  },
]
