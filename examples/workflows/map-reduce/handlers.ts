import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** How often each word stands in some texts. */
export type Counts = Readonly<Record<string, number>>

/** Handlers over the files in `root`: the folder of this workflow, unless given. */
export function handlers(root = import.meta.dirname): Handlers {
  return {
    listBatches: async (_context, { folder, size }: { folder: string; size: number }) => {
      const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.txt')).toSorted()
      const starts = Array.from({ length: Math.ceil(names.length / size) }, (_, index) => index * size)
      return starts.map((start) => names.slice(start, start + size).map((name) => `${folder}/${name}`))
    },
    countWords: async ({ signal }: HandlerContext, { file }: { file: string }) => {
      const text = await readFile(join(root, file), { encoding: 'utf8', signal })
      if (text.includes('\0'))
        throw Object.assign(new Error(`${file} is no text`), { code: 'NO_TEXT', retryable: false })
      return added([], text.toLowerCase().match(/\p{L}+/gu) ?? [])
    },
    addUp: (_context, parts: readonly Counts[]) => added(parts),
    reduce: (_context, batches: readonly { counts: Counts; unread: readonly string[] }[]) => {
      const counts = Object.entries(added(batches.map((batch) => batch.counts)))
      const byCount = counts.toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
      return {
        words: counts.reduce((sum, [, count]) => sum + count, 0),
        top: byCount.slice(0, 5).map(([word, count]) => `${word} ${count}`),
        unread: batches.flatMap(({ unread }) => unread),
      }
    },
  }
}

function added(parts: readonly Counts[], words: readonly string[] = []): Counts {
  const sums = new Map<string, number>()
  const add = (word: string, count: number): void => void sums.set(word, (sums.get(word) ?? 0) + count)
  for (const part of parts) for (const [word, count] of Object.entries(part)) add(word, count)
  for (const word of words) add(word, 1)
  return Object.fromEntries(sums)
}
