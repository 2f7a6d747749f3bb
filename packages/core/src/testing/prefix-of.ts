import type { NewRun } from '../ports/storage.ts'

/** The steps that started runs, by the runs that they started, in the order in which these were created. */
export type Starters = ReadonlyMap<string, NonNullable<NewRun['parent']>>

/** Where a run stands: what `TestWorld.prefixOf` tells. */
export function prefixOf(runId: string, starters: Starters): string {
  const starter = starters.get(runId)
  if (starter === undefined) return ''
  const siblings = [...starters].filter(([, one]) => one.runId === starter.runId && one.path === starter.path)
  const before = siblings.findIndex(([sibling]) => sibling === runId)
  return `${prefixOf(starter.runId, starters)}${starter.path}${before === 0 ? '' : `~${before + 1}`}/`
}
