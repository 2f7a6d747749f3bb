import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFiles } from '../../src/process.fixture.ts'
import { filesBelow, isAlive } from '../regressions/world.ts'
import type { GoldenCase, Play } from './golden-case.ts'

/** A folder of its own for a play: what processes work in, and what is kept of the run. */
export interface Stage extends Disposable {
  readonly workspace: string
  readonly store: string
  readonly evidence: string
  /** The text of a file that a play names; nothing where there is none. */
  text(path: string): string | undefined
  /** What must not be there when a run is over. */
  leftovers(play: Play): readonly string[]
}

/** Makes the folder, with the files of the case and the play. */
export function setStage({ files }: GoldenCase, play: Play): Stage {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'segno-golden-')))
  const workspace = join(folder, 'work')
  writeFiles(workspace, { ...files, ...play.files })
  const text = (path: string): string | undefined =>
    existsSync(join(workspace, path)) ? readFileSync(join(workspace, path), 'utf8') : undefined
  return {
    ...{ workspace, text, store: join(workspace, '.segno'), evidence: join(folder, 'evidence') },
    leftovers: ({ secrets = {} }) => [...processesLeft(workspace), ...secretsKept(folder, Object.values(secrets))],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Processes that a step has written down as `*.pid`, and that run on. */
function processesLeft(workspace: string): string[] {
  return [...filesBelow(workspace)]
    .filter(([path, text]) => path.endsWith('.pid') && isAlive(Number(text)))
    .map(([path]) => `the process of ${path}`)
}

/** Files that hold the value of a secret. One of a few letters stands in some of them by chance. */
function secretsKept(folder: string, values: readonly string[]): string[] {
  const sought = values.filter((value) => value.length > 8)
  return [...filesBelow(folder)]
    .filter(([, text]) => sought.some((value) => text.includes(value)))
    .map(([path]) => `a secret in ${path}`)
}
