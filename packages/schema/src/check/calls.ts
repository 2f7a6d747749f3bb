import type { CallStep, Definition, StartStep } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { pointerPart } from '../json.ts'
import { requiresFiles } from '../plan/required-paths.ts'
import type { Imports } from './imported.ts'
import { inputMistakes } from './input-values.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Calls of workflows that are not imported or are given the wrong inputs, and imports that nothing calls. */
export function checkCalls(definition: Definition, imports: Imports): Mistake[] {
  const declared = Object.keys(definition.imports ?? {})
  const places = placesWithUndo(definition).filter(isCall)
  const used = new Set(places.map(({ step }) => importOf(step)))
  return [
    ...places.flatMap((place) => [...unknown(place, declared), ...misused(place, imports)]),
    ...declared
      .filter((name) => !used.has(name))
      .map((name) => ({
        code: 'UNUSED_IMPORT' as const,
        severity: 'warning' as const,
        message: `nothing calls or starts "${name}"`,
        pointer: `/imports${pointerPart(name)}`,
        at: 'key' as const,
        fixes: [
          { title: `remove "${name}"`, edits: [{ op: 'remove' as const, pointer: `/imports${pointerPart(name)}` }] },
        ],
      })),
  ]
}

interface CallPlace extends StepPlace {
  readonly step: CallStep | StartStep
}

function isCall(place: StepPlace): place is CallPlace {
  return 'call' in place.step || 'start' in place.step
}

function importOf(step: CallStep | StartStep): string {
  return 'call' in step ? step.call : step.start
}

function unknown({ step, kind, pointer }: CallPlace, declared: readonly string[]): Mistake[] {
  const name = importOf(step)
  if (declared.includes(name)) return []
  const all = `the imports are ${declared.join(', ')}`
  const hint = declared.length === 0 ? `add imports: { ${name}: ./${name}.segno.yaml } to the workflow` : all
  const message = `there is no import "${name}"`
  return [{ code: 'UNKNOWN_IMPORT', message, hint, ...suggestion(name, declared), pointer: `${pointer}/${kind}` }]
}

function misused({ step, kind, pointer }: CallPlace, imports: Imports): Mistake[] {
  const name = importOf(step)
  const imported = imports.get(name)
  if (!imported) return []
  const given = {
    values: step.with ?? {},
    pointer: `${pointer}/with`,
    isTemplate: true,
    owner: `"${name}"`,
    imported: name,
  }
  const missingAt = step.with ? ({ pointer: `${pointer}/with`, at: 'key' } as const) : { pointer: `${pointer}/${kind}` }
  const inputs = inputMistakes(imported.definition, { ...given, missingAt })
  if (kind !== 'call' || !requiresFiles(imported.definition)) return inputs
  const message = `"${name}" has inputs with "mustExist", which is looked at when a run starts`
  const place = { pointer: `${pointer}/call`, at: 'key' } as const
  return [...inputs, { code: 'MISPLACED_PATH_RULE', message, hint: 'use "start" instead of "call"', ...place }]
}
