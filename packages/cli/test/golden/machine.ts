import { join } from 'node:path'
import { nodeFiles } from '@segno/adapters/files'
import { environmentSecrets, nodeShell, type EngineOptions } from 'segno'
import type { Play } from './golden-case.ts'
import type { Stage } from './stage.ts'

/** What an engine works with in a play. */
export interface Machine extends Pick<EngineOptions, 'shell' | 'files' | 'secrets'> {
  /** Whether a process works, or a folder is read. */
  readonly isBusy: () => boolean
}

/** Makes the real parts of an engine, on the folder of a play. */
export function machineOn({ secrets = {}, host = {} }: Play, { workspace, evidence }: Stage): Machine {
  let atWork = 0
  const busy = async <T>(work: Promise<T>): Promise<T> => {
    atWork += 1
    try {
      return await work
    } finally {
      atWork -= 1
    }
  }
  Object.assign(process.env, host)
  const folder = (runId: string, path: string, attempt: number): string =>
    join(evidence, runId, path.replaceAll('/', '.'), String(attempt))
  const shell = nodeShell({ workspace, evidence: { folder }, env: Object.keys(host) })
  const files = nodeFiles({ root: workspace })
  return {
    shell: { run: (command, context) => busy(shell.run(command, context)) },
    files: { kind: (path) => busy(files.kind(path)), glob: (pattern) => busy(files.glob(pattern)) },
    secrets: environmentSecrets({ env: secrets }),
    isBusy: () => atWork > 0,
  }
}
