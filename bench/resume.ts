import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fileStorage } from '@segno/adapters/file'
import { createEngine } from '@segno/core'
import { payload } from './workload.ts'

/** What it costs to go on with a run whose process was killed. */
export interface Resumed {
  /** From `recover()` to the first step that is new. */
  readonly firstStepMs: number
  readonly doneMs: number
  /** Steps that had been recorded as completed, and were called again all the same. */
  readonly repeated: number
}

/** W4: `kill -9` in the middle of a run of so many steps, then another process goes on. */
export async function killAndResume(folder: string, steps: number): Promise<Resumed> {
  const child = fileURLToPath(new URL('resume-child.ts', import.meta.url))
  const conditions = ['--conditions=@segno/source', child, folder, String(steps)]
  const killed = spawn(process.execPath, conditions, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: killed.stdout })
  let seen = 0
  lines.on('line', () => {
    if (++seen === steps / 2) killed.kill('SIGKILL')
  })
  await once(killed, 'close')

  const storage = fileStorage({ dir: folder })
  const completed = new Set<string>()
  for await (const page of storage.read('resumed', 1)) {
    for (const event of page) if (event.type === 'step.completed') completed.add(event.path)
  }
  const called: string[] = []
  let first = 0
  const handlers = {
    trivial: ({ path }: { readonly path: string }) => {
      if (called.push(path) === 1) first = performance.now()
      return payload
    },
  }
  await using engine = createEngine({ storage: fileStorage({ dir: folder }), handlers })
  const start = performance.now()
  await engine.recover()
  const result = await engine.run('resumed').result()
  const end = performance.now()
  if (result.status !== 'completed') throw new Error(`the run ended ${result.status}`)
  await storage.close()
  return {
    firstStepMs: first - start,
    doneMs: end - start,
    repeated: called.filter((path) => completed.has(path)).length,
  }
}
