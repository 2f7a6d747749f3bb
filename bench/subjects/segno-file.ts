import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import type { Subject } from '../subject.ts'
import { openSegno, segnoPackages } from './segno.ts'

/** Segno on files: a journal of its own for each run. */
export const subject: Subject = {
  name: 'segno + file',
  packages: segnoPackages,
  durability: 'power loss',
  settings: 'a synced write (O_DSYNC) for each append, folders synced',
  open: async ({ folder, longSteps }) => openSegno(fileStorage({ dir: join(folder, 'store') }), longSteps),
}
