import { open, rm } from 'node:fs/promises'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { postgresSettings, type Places } from './places.ts'
import { median, timed } from './samples.ts'

/** Where it was measured, as it is printed. */
export type Machine = Readonly<Record<string, string | number>>

const syncs = 200

/** What the figures depend on: the processor, the disk, the servers, and what else the machine does. */
export async function machine(places: Places): Promise<Machine> {
  return {
    node: process.version,
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    sqlite: process.versions['sqlite'] ?? 'unknown',
    postgres: `${places.postgresVersion}, ${Object.entries(postgresSettings)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')}`,
    fdatasyncMs: await syncMs(join(places.folder, 'sync')),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

/** How long the disk takes to acknowledge a line. */
async function syncMs(file: string): Promise<number> {
  const handle = await open(file, 'a')
  const times: number[] = []
  try {
    for (let sync = 0; sync < syncs; sync++) {
      await handle.write('a line of about a hundred bytes, as a step leaves one\n'.repeat(2))
      times.push(await timed(() => handle.datasync()))
    }
  } finally {
    await handle.close()
    await rm(file)
  }
  return Math.round(median(times) * 1000) / 1000
}
