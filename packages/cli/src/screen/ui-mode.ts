/** How a command tells what happens while it happens. */
export const uiModes = ['auto', 'tree', 'plain', 'ci', 'quiet', 'json', 'ndjson'] as const

export type UiMode = Exclude<(typeof uiModes)[number], 'auto'>

/** What decides the mode. */
export interface Surroundings {
  /** `--ui` or `SEGNO_UI`. */
  readonly asked: (typeof uiModes)[number]
  readonly quiet: boolean
  /** `-o json`. */
  readonly json: boolean
  readonly env: NodeJS.ProcessEnv
  readonly isTerminal: boolean
  readonly cols: number
}

// A live tree on less than this is a heap of ellipses.
const treeColsMin = 40

/** The mode that fits where the command runs, unless one was asked for. */
export function uiMode({ asked, quiet, json, env, isTerminal, cols }: Surroundings): UiMode {
  if (asked !== 'auto') return asked
  if (json) return 'json'
  if (quiet) return 'quiet'
  if (env['GITHUB_ACTIONS'] === 'true') return 'ci'
  const isCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false'
  return isTerminal && !isCi && env['TERM'] !== 'dumb' && cols >= treeColsMin ? 'tree' : 'plain'
}
