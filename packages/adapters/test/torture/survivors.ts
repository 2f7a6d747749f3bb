import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

// How long after the death of its host a process of an attempt may be found alive.
const survivalMaxMs = 5000

const pauseMs = 20

/**
 * Waits until no process is alive that an attempt of the worker has started, and
 * gives what is left after `survivalMaxMs`. Found by their variables, as anybody
 * could find them: the shell that started them is not asked.
 */
export async function survivorsOf(worker: string): Promise<readonly string[]> {
  for (const since = performance.now(); ;) {
    const left = await alive(`TORTURE_WORKER=${worker}`)
    if (left.length === 0 || performance.now() - since > survivalMaxMs) return left
    await delay(pauseMs)
  }
}

/** Ends what a mutant has left alive. */
export async function endSurvivors(worker: string): Promise<void> {
  for (const pid of await alive(`TORTURE_WORKER=${worker}`)) process.kill(Number.parseInt(pid, 10), 'SIGKILL')
}

async function alive(variable: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map((pid) => processOf(pid, variable)))
  return found.filter((text) => text !== undefined)
}

async function processOf(pid: string, variable: string): Promise<string | undefined> {
  const variables = (await textOf(`/proc/${pid}/environ`)).split('\0')
  if (!variables.includes(variable) || !variables.some((text) => text.startsWith('SEGNO_RUN_ID='))) return undefined
  const command = (await textOf(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').slice(0, 80)
  const step = variables.filter((text) => /^SEGNO_(RUN_ID|STEP|ATTEMPT)=/.test(text))
  return `${pid} ${step.join(' ')}: ${command}`
}

// Of a process that has ended, or of somebody else, there is nothing to read.
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
