import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { cutAtMarks } from '../expression/marks.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Templates in scripts, and programs that only a run would know. */
export function checkProcesses(definition: Definition): Mistake[] {
  return placesWithUndo(definition).flatMap((place) => [...templates(place), ...program(place)])
}

// A value that became a part of a script would be run as one.
function templates({ step, pointer }: StepPlace): Mistake[] {
  if (!('run' in step)) return []
  return marksIn(step.run).map((at) => ({
    code: 'TEMPLATE_IN_SCRIPT',
    message: 'a script holds no ${{ }}: its value would be run as a part of the script',
    hint: 'name it in "env", and read that variable in the script',
    pointer: `${pointer}/run`,
    at,
  }))
}

function marksIn(script: string): { readonly start: number; readonly end: number }[] {
  const marks = []
  for (let start = script.indexOf('${{'); start !== -1;) {
    const close = script.indexOf('}}', start)
    const end = close === -1 ? script.length : close + 2
    marks.push({ start, end })
    start = script.indexOf('${{', end)
  }
  return marks
}

function program({ step, pointer }: StepPlace): Mistake[] {
  if (!('exec' in step) || !hasExpression(String(step.exec[0]))) return []
  const message = 'the program is written out: what a run may start is known before it starts'
  const hint = 'choose between programs with "match" or "if"'
  return [{ code: 'PROGRAM_NOT_LITERAL', message, hint, pointer: `${pointer}/exec/0` }]
}

function hasExpression(text: string): boolean {
  return cutAtMarks(text).some(({ kind }) => kind !== 'text')
}
