/** Prints how many bytes of each step are still there when the young garbage of a long run has been collected. */
import { getHeapStatistics } from 'node:v8'
import { memoryStorage } from '@segno/core'
import { openSegno } from './subjects/segno.ts'

const steps = 200_000
const least: number[] = []
const opened = openSegno(memoryStorage({ keep: 'tail' }), steps)
await opened.long?.((index) => {
  if (index % 100 > 0) return
  const tenth = Math.floor((10 * index) / steps)
  // Least, just after a collection: there are several in a tenth.
  least[tenth] = Math.min(least[tenth] ?? Number.POSITIVE_INFINITY, getHeapStatistics().used_heap_size)
})
await opened.close()
const [early, late] = [least[2] ?? Number.NaN, least[9] ?? Number.NaN]
process.stdout.write(String((late - early) / (0.7 * steps)))
