import { CommandError } from './command-error.ts'
import { ownLabelPrefix } from './run-origin.ts'

/** The labels of repeated `--label key=value`; `undefined` where there are none. */
export function readLabels(pairs: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pairs.length === 0) return undefined
  return Object.fromEntries(pairs.map(readLabel))
}

function readLabel(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  const name = pair.slice(0, at)
  if (at > 0 && !name.startsWith(ownLabelPrefix)) return [name, pair.slice(at + 1)]
  const message = at > 0 ? `labels that begin with ${ownLabelPrefix} are Segno's own` : 'expected key=value'
  throw new CommandError({
    code: 'LABEL_SYNTAX',
    message: `--label ${pair}: ${message}`,
    hint: 'for example: --label team=billing',
  })
}
