import type { Logger } from '@segno/core'
import type { Json } from '@segno/schema'
import type { EventLine } from './event-line.ts'

/** A logger that puts what the engine and handlers say on a screen. Without `verbose`, nothing that is for debugging. */
export function runLog(
  print: (at: number, line: EventLine) => void,
  { verbose, silent }: { readonly verbose: boolean; readonly silent: boolean },
): Logger {
  return {
    log(level, message, details) {
      if (!verbose && (level === 'debug' || (level === 'info' && silent))) return
      const rest = verbose && details !== undefined ? `${message}  ${JSON.stringify(details)}` : message
      const word = level === 'info' ? 'log' : level
      print(Date.now(), { path: textIn(details, 'path'), word, rest, style: level === 'info' ? 'dim' : 'yellow' })
    },
  }
}

/** A text that log details have under a key; empty where they have none. */
export function textIn(details: Json | undefined, key: string): string {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return ''
  const value = (details as { readonly [key: string]: Json | undefined })[key]
  return typeof value === 'string' ? value : ''
}
