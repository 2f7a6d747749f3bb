import { mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { payload } from './workload.ts'

const line = Buffer.from(`${JSON.stringify(payload)}\n`)

/** What a durable run costs without an engine: a file made durably in a folder of its own, then one synced line a step. */
export async function rawRun(folder: string, steps: number): Promise<void> {
  const file = await createDurably(folder)
  try {
    for (let step = 0; step < steps; step++) {
      await file.write(line)
      await file.datasync()
    }
  } finally {
    await file.close()
  }
}

/** The same with all steps at once: each written and synced for itself, into one file. */
export async function rawFan(folder: string, steps: number): Promise<void> {
  const file = await createDurably(folder)
  try {
    const one = async (): Promise<void> => {
      await file.write(line)
      await file.datasync()
    }
    await Promise.all(Array.from({ length: steps }, one))
  } finally {
    await file.close()
  }
}

async function createDurably(folder: string): Promise<FileHandle> {
  await mkdir(folder)
  const file = await open(join(folder, 'journal.jsonl'), 'ax')
  await file.write(line)
  await file.datasync()
  await syncFolder(folder)
  await syncFolder(join(folder, '..'))
  return file
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
