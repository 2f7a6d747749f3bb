import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** What the language has, and no engine does yet. */
export function checkSupport({ limits = {}, concurrency, ...definition }: Definition): Mistake[] {
  const kept = (['tokens', 'cost', 'onExceeded'] as const).filter((key) => limits[key] !== undefined)
  return [
    ...kept.map((key) => unsupported(`limits.${key}`, `/limits/${key}`)),
    ...(concurrency === undefined ? [] : [unsupported('concurrency', '/concurrency')]),
    ...placesWithUndo(definition).flatMap(inStep),
  ]
}

function inStep({ step, pointer }: StepPlace): Mistake[] {
  const keys = unsupportedKeys.filter((key) => key in step)
  const mode = 'workspace' in step ? (step.workspace?.mode ?? 'inherit') : 'inherit'
  return [
    ...keys.map((key) => unsupported(key, `${pointer}/${key}`)),
    ...(mode === 'inherit' ? [] : [unsupported(`workspace.mode: ${mode}`, `${pointer}/workspace/mode`)]),
  ]
}

const unsupportedKeys = ['agent', 'check', 'queue', 'budget', 'produces', 'consumes'] as const

function unsupported(what: string, pointer: string): Mistake {
  const message = `this engine does not support "${what}" yet`
  return { code: 'NOT_SUPPORTED', message, pointer, at: 'key' }
}
