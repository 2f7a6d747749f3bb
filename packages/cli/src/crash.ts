import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'

/** Writes down all that is known of a mistake of Segno's own, and gives the path of that file. */
export function writeCrashFile(error: unknown, version: string): string {
  const file = join(tmpdir(), `segno-crash-${Date.now()}-${process.pid}.txt`)
  const about = [`segno ${version}`, `node ${process.version}`, `${process.platform} ${process.arch}`]
  writeFileSync(file, `${about.join('\n')}\n\n${inspect(error, { depth: 8 })}\n`, { mode: 0o600 })
  return file
}
