import type { Evidence } from '@segno/core'
import type { Json } from '@segno/schema'
import { lastLines, outputFile, writtenAt } from './evidence-files.ts'
import type { StepProgress } from './progress/progress.ts'
import { isProcess } from './progress/step-index.ts'
import type { Excerpt } from './screen/excerpt.ts'
import { shownPath } from './workflow-file.ts'

const tailLinesMax = 2
const excerptLinesMax = 12

/** How often a file that grows is looked at for a live screen. */
const lookMs = 300

/** The last lines that the process of a step has printed, as a live tree shows them: looked at a few times a second. */
export function liveTail(evidence: Evidence, runId: () => string): (step: StepProgress) => readonly string[] {
  const seen = new Map<string, { readonly at: number; readonly lines: readonly string[] }>()
  return (step) => {
    const folder = folderOf(evidence, runId(), step)
    if (folder === undefined) return []
    const known = seen.get(folder)
    const at = performance.now()
    if (known !== undefined && at - known.at < lookMs) return known.lines
    const [stdout, stderr] = [outputFile(folder, 'stdout'), outputFile(folder, 'stderr')]
    const lines = lastLines(writtenAt(stderr) > writtenAt(stdout) ? stderr : stdout, tailLinesMax)
    seen.set(folder, { at, lines })
    return lines
  }
}

/** What the process of a failed step printed last: of its errors, or else of its output. */
export function excerptOf(evidence: Evidence, runId: string, cwd: string): (step: StepProgress) => Excerpt | undefined {
  return (step) => {
    const folder = folderOf(evidence, runId, step)
    if (folder === undefined) return undefined
    const { stderrTail, stderrLines } = detailsOf(step)
    const printed = stderrTail === undefined ? [] : linesOf(stderrTail)
    const stream = printed.length === 0 ? 'stdout' : 'stderr'
    const file = outputFile(folder, stream)
    const lines = stream === 'stderr' ? printed.slice(-excerptLinesMax) : lastLines(file, excerptLinesMax)
    if (lines.length === 0) return undefined
    const total = stream === 'stderr' ? stderrLines : undefined
    return { stream, lines, file: shownPath(file, cwd), ...(total !== undefined && { total }) }
  }
}

function folderOf(evidence: Evidence, runId: string, step: StepProgress): string | undefined {
  if (step.declared === undefined || step.attempt === 0 || !isProcess(step.declared.kind)) return undefined
  return evidence.folder(runId, step.occurrence ?? step.path, step.attempt)
}

interface ProcessDetails {
  readonly stderrTail?: string
  readonly stderrLines?: number
}

// The details of a failure are JSON that a shell of somebody else's may have written.
function detailsOf({ failure }: StepProgress): ProcessDetails {
  const details = failure?.details
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return {}
  const { stderrTail, stderrLines } = details as { readonly [key: string]: Json | undefined }
  return {
    ...(typeof stderrTail === 'string' && { stderrTail }),
    ...(typeof stderrLines === 'number' && { stderrLines }),
  }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
