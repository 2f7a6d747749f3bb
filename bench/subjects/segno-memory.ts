import { memoryStorage } from '@segno/core'
import type { Subject } from '../subject.ts'
import { openSegno, segnoPackages } from './segno.ts'

/** Segno, with runs that live as long as the process. */
export const subject: Subject = {
  name: 'segno in memory',
  packages: segnoPackages,
  durability: 'none',
  settings: 'memoryStorage(), every event kept',
  leftOut: { W4: 'a run in memory dies with its process' },
  open: async ({ longSteps }) => openSegno(memoryStorage(), longSteps),
}
