import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { applyEdits, type Diagnostic, type Fix } from '@segno/schema'
import type { Checked } from './check-file.ts'
import { CommandError } from './command-error.ts'
import type { WorkflowFile } from './workflow-file.ts'

/** A file with the fixes of its diagnostics applied. */
export interface MendedFile {
  readonly before: WorkflowFile
  readonly after: Checked
  /** What was done, in the order in which it was; nothing where the file stays as it is. */
  readonly titles: readonly string[]
}

// What one pass puts right may show what was hidden behind it.
const passesMax = 50

/**
 * Applies the safe fixes of a file to its text, again and again until there are
 * no more. Nothing is written, and a text that is no better is not taken.
 */
export function mended(before: WorkflowFile, checkText: (file: WorkflowFile) => Checked): MendedFile {
  let current: Checked = checkText(before)
  let best: MendedFile = { before, after: current, titles: [] }
  const seen = new Set([before.text])
  let titles: readonly string[] = []
  for (let pass = 0; pass < passesMax; pass++) {
    const fixes = applicable(current)
    const edits = fixes.flatMap((fix) => fix.edits)
    const text = applyEdits(current.file.text, edits)
    if (edits.length === 0 || seen.has(text)) break
    seen.add(text)
    titles = [...titles, ...fixes.map(({ title }) => title)]
    current = checkText({ ...before, text })
    if (isBetter(current, best.after)) best = { before, after: current, titles }
  }
  return best
}

/** The first safe fix of each diagnostic of the file itself, as far as they do not touch each other. */
function applicable({ file, diagnostics }: Checked): readonly Fix[] {
  const chosen: Fix[] = []
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.file === file.shown ? diagnostic.fixes?.[0] : undefined
    if (fix?.isSafe === true && chosen.every((other) => !touch(fix, other))) chosen.push(fix)
  }
  return chosen
}

function touch(a: Fix, b: Fix): boolean {
  return a.edits.some(({ range: one }) =>
    b.edits.some(({ range: other }) => one.start.offset <= other.end.offset && other.start.offset <= one.end.offset),
  )
}

function isBetter(a: Checked, b: Checked): boolean {
  const [errors, errorsBefore] = [countOf(a, 'error'), countOf(b, 'error')]
  return errors < errorsBefore || (errors === errorsBefore && countOf(a, 'warning') < countOf(b, 'warning'))
}

function countOf({ diagnostics }: Checked, severity: Diagnostic['severity']): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
}

/** Puts the new text in the place of the old one at once, so that nobody ever reads half of it. */
export function writeMended({ before, after }: MendedFile): void {
  // A link stays one; the file that it leads to is changed.
  const path = realpathSync(before.path)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    if (!readFileSync(path).equals(Buffer.from(before.text))) {
      const message = `${before.shown} was changed meanwhile, or is not UTF-8: it is left as it is`
      throw new CommandError({ code: 'FILE_UNWRITABLE', message, hint: 'check it again' })
    }
    writeFileSync(temporary, after.file.text, { flag: 'wx', mode: statSync(path).mode })
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    if (cause instanceof CommandError) throw cause
    const message = `${before.shown} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new CommandError({ code: 'FILE_UNWRITABLE', message, hint: 'check its permissions' }, { cause })
  }
}
