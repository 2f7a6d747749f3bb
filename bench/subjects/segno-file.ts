import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import type { Subject } from '../subject.ts'
import { openSegno, segnoPackages } from './segno.ts'

/** Segno on files: a journal of its own for each run. */
export const subject: Subject = {
  name: 'segno + file',
  packages: segnoPackages,
  durability: 'power loss',
  settings: 'a write for each append, one synced write (O_DSYNC) to a log for all that wait, folders synced',
  open: async ({ folder, longSteps }) => openSegno(fileStorage({ dir: join(folder, 'store'), log: {} }), longSteps),
}
