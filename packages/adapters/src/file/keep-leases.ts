import { resolve } from 'node:path'
import type { LeaseName } from '@segno/core'
import type { Renewals } from '../keeper/kept-store.ts'
import type { Disk } from './disk.ts'
import { fileNameOf } from './file-name.ts'
import { journalOf, layoutOf, segmentsIn } from './layout.ts'
import { readKept, readNote, writeKept } from './lease-note.ts'
import { nodeDisk } from './node-disk.ts'
import { readHead } from './segment.ts'

/**
 * Renews leases that another storage of this process holds. What it writes lies
 * beside the notes of that one, which it never touches: a lease that is given back
 * stays so, whatever is written here at the same time.
 */
export function fileRenewals({ dir }: { readonly dir: string }): Renewals {
  const disk = nodeDisk()
  const { runs } = layoutOf(resolve(dir))
  return {
    async renew(leases, ttlMs) {
      await Promise.allSettled(leases.map((lease) => renewOne(disk, { runs, lease, ttlMs })))
    },
    close: async () => undefined,
  }
}

interface Renewal {
  readonly runs: string
  readonly lease: LeaseName
  readonly ttlMs: number
}

async function renewOne(disk: Disk, { runs, lease: { runId, incarnation, token }, ttlMs }: Renewal): Promise<void> {
  const now = Date.now()
  const name = fileNameOf(runId)
  if (name === undefined) return
  const folder = `${runs}/${name}`
  // Somebody has taken the run over, or it is gone.
  if (segmentsIn((await disk.list(journalOf(folder))) ?? []).at(-1) !== token) return
  const head = await readHead(disk, folder, token)
  if (head.header.incarnation !== incarnation) return
  const [note, kept] = await Promise.all([readNote(disk, folder, token), readKept(disk, folder, token)])
  const times = [head.header.lease?.expiresAt, note?.expiresAt, kept?.expiresAt].map((at) => at ?? 0)
  // What has run out is not renewed, also where nobody has taken it yet.
  if (note?.givenBackAt !== undefined || Math.max(...times) <= now) return
  await writeKept(disk, folder, { token, expiresAt: now + ttlMs })
}
