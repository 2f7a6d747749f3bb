import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion, suggestionUnlessMany } from '../diagnostic/suggest.ts'
import type { Reference } from '../expression/expression.ts'
import { parseExpression } from '../expression/parse.ts'
import { parseTemplate, stripMarks } from '../expression/template.ts'
import type { DocumentEdit } from '../parse/document-edit.ts'
import { replyReference } from './reply.ts'
import { secretMistake, secretTexts } from './secrets.ts'
import { allNames, expressionPlaces, seesStep, type ExpressionPlace, type LexicalScope } from './scope.ts'
import { SiblingNeeds } from './sibling-needs.ts'
import { withoutOutput, type FieldMistake } from './step-outputs.ts'
import { blocksAround, stepPlaces, type StepPlace } from './walk.ts'

/** Expressions that cannot be parsed, and names in them that mean nothing where they stand. */
export function checkReferences(definition: Definition): Mistake[] {
  const mistakes: Mistake[] = []
  const known: Known = {
    mistakes,
    inputs: Object.keys(definition.input ?? {}),
    secrets: definition.secrets ?? [],
    steps: new Map(stepPlaces(definition).map((place) => [place.step.id, place])),
    needs: new Map(),
  }
  for (const expressionPlace of expressionPlaces(definition)) {
    const { references, mistakes: syntax } = read(expressionPlace)
    mistakes.push(...syntax)
    const slots = references.some(isSecret) ? secretTexts(expressionPlace) : undefined
    for (const found of references) {
      const { reference, pointer, offset } = found
      const mistake = isSecret(found)
        ? secretMistake(reference, expressionPlace, slots?.has(pointer) === true, known.secrets)
        : (mistakeOf(reference, expressionPlace, known) ?? replyMistake(reference, expressionPlace, known))
      if (!mistake) continue
      const { name, isExcused, ...rest } = mistake
      const { start, end } = reference.names[name] ?? reference
      const severity = isExcused === true && isGuarded(found, references) ? ({ severity: 'warning' } as const) : {}
      mistakes.push({ ...rest, ...severity, pointer, at: { start: start + offset, end: end + offset } })
    }
  }
  return mistakes
}

interface Known {
  /** Found so far. */
  readonly mistakes: readonly Mistake[]
  readonly inputs: readonly string[]
  readonly secrets: readonly string[]
  readonly steps: ReadonlyMap<string, StepPlace>
  /** Of the children of each `parallel` that it was asked for, by the pointer of their list. */
  readonly needs: Map<string, SiblingNeeds>
}

interface FoundReference {
  readonly reference: Reference
  readonly pointer: string
  /** Of the expression in the text at the pointer. */
  readonly offset: number
}

/** Whether an expression asks with `has()` for what it reads. */
function isGuarded({ reference, pointer }: FoundReference, all: readonly FoundReference[]): boolean {
  const [id, field] = reference.path
  return all.some(
    (other) =>
      other.reference.guarded &&
      other.pointer === pointer &&
      other.reference.root === reference.root &&
      other.reference.path[0] === id &&
      other.reference.path[1] === field,
  )
}

function isSecret({ reference }: FoundReference): boolean {
  return reference.root === 'secrets'
}

function read({ pointer, value, form, scope }: ExpressionPlace): {
  references: readonly FoundReference[]
  mistakes: readonly Mistake[]
} {
  if (form === 'reply') {
    const reference = replyReference(String(value), allNames(scope, 'variables').includes('signal'))
    return { references: [{ reference, pointer, offset: 0 }], mistakes: [] }
  }
  if (form === 'template') {
    const parsed = parseTemplate(value)
    const { references, mistakes } = 'mistakes' in parsed ? parsed : { ...parsed.template, mistakes: [] }
    return {
      references: references.map((reference) => ({ reference, pointer: pointer + reference.pointer, offset: 0 })),
      mistakes: mistakes.map((found) => syntaxMistake(found.mistake, pointer + found.pointer, 0)),
    }
  }
  if (typeof value !== 'string') return { references: [], mistakes: [] }
  const { text, offset } = stripMarks(value)
  const parsed = parseExpression(text)
  if ('mistake' in parsed) return { references: [], mistakes: [syntaxMistake(parsed.mistake, pointer, offset)] }
  return { references: parsed.expression.references.map((reference) => ({ reference, pointer, offset })), mistakes: [] }
}

function syntaxMistake(
  { message, start, end }: { message: string; start: number; end: number },
  pointer: string,
  offset: number,
): Mistake {
  return { code: 'EXPRESSION_SYNTAX', message, pointer, at: { start: start + offset, end: end + offset } }
}

/** What is wrong with a reference; `name` is which of its names, 0 for the root. */
function mistakeOf(
  reference: Reference,
  { scope, place, form }: ExpressionPlace,
  known: Known,
): FieldMistake | undefined {
  const { root, path } = reference
  const [first] = path
  if (!allNames(scope, 'variables').includes(root)) return unknownVariable(root, scope, known)
  if (root === 'input' && first !== undefined && !known.inputs.includes(first)) {
    return {
      code: 'UNKNOWN_INPUT',
      message: `there is no input "${first}"`,
      ...suggestion(first, known.inputs),
      name: 1,
    }
  }
  // An expression that reads `steps` without an id does not parse.
  if (root !== 'steps' || first === undefined) return undefined
  if (!seesStep(scope, first)) return hiddenStep(first, scope, place, known)
  const target = known.steps.get(first)
  return target && path[1] === 'output' && form !== 'reply' ? outputMistake(target) : undefined
}

/** What is wrong with answering a step that takes no signal. */
function replyMistake({ root, path }: Reference, { form }: ExpressionPlace, known: Known): FieldMistake | undefined {
  const target = root === 'steps' && form === 'reply' ? known.steps.get(path[0] ?? '') : undefined
  if (target === undefined || 'waitFor' in target.step) return undefined
  const message = `"${target.step.id}" takes no signal that could be answered`
  const related = [{ message: `"${target.step.id}" is here`, pointer: `${target.pointer}/id` }]
  return { code: 'REPLY_TO_NO_SIGNAL', message, hint: 'a "reply" names a "waitFor" step', related, name: 1 }
}

function outputMistake({ step, pointer }: StepPlace): FieldMistake | undefined {
  const mistake = withoutOutput(step)
  if (!mistake || !('exec' in step || 'run' in step)) return mistake
  const edits = [{ op: 'add', pointer: `${pointer}/output`, value: { from: 'stdout' } }] as const
  return { ...mistake, fixes: [{ title: `give "${step.id}" the output that it prints`, edits }] }
}

// A bare name is often an input or a step whose first word was forgotten.
function unknownVariable(root: string, scope: LexicalScope, known: Known): FieldMistake {
  const full = fullName(root, scope, known)
  const hint = full === undefined ? {} : { hint: `did you mean "${full}"?`, replacement: full }
  return {
    code: 'UNKNOWN_VARIABLE',
    message: `there is no variable "${root}" here`,
    ...suggestion(root, allNames(scope, 'variables')),
    ...hint,
    name: 0,
  }
}

function fullName(root: string, scope: LexicalScope, known: Known): string | undefined {
  if (known.inputs.includes(root)) return `input.${root}`
  if (known.steps.has(root)) return `steps.${root}.output`
  return root === 'data' && allNames(scope, 'variables').includes('signal') ? 'signal.data' : undefined
}

function hiddenStep(id: string, scope: LexicalScope, reader: StepPlace | undefined, known: Known): FieldMistake {
  const target = known.steps.get(id)
  if (!target) {
    const before = known.mistakes.length
    const near = suggestionUnlessMany(id, allNames(scope, 'steps'), before)
    const mended = near.replacement === undefined ? suggestionUnlessMany(id, known.steps.keys(), before) : near
    return { code: 'UNKNOWN_STEP', message: `there is no step "${id}"`, ...mended, name: 1 }
  }
  const related = [{ message: `"${id}" is here`, pointer: `${target.pointer}/id` }]
  return { code: 'STEP_OUT_OF_SCOPE', ...reasonHidden(id, { target, reader, known }), related, name: 1 }
}

function reasonHidden(
  id: string,
  {
    target,
    reader,
    known,
  }: { readonly target: StepPlace; readonly reader: StepPlace | undefined; readonly known: Known },
): Pick<Mistake, 'message' | 'hint' | 'fixes'> {
  const around = reader ? [reader, ...blocksAround(reader)] : []
  if (around.some(({ pointer }) => pointer === target.pointer))
    return { message: `"${id}" has not ended here: this is inside it` }
  const beside = around.find(({ list }) => list.pointer === target.list.pointer)
  if (beside && target.list.role === 'parallel') {
    return { message: `"${id}" may still be running here`, hint: `add it to "needs"`, ...needing(id, beside, known) }
  }
  const { owner } = target.list
  if (beside || !owner) return { message: `"${id}" comes later` }
  return {
    message: `"${id}" is inside "${owner.step.id}" and cannot be seen from here`,
    hint: `give "${owner.step.id}" an "output" and read that`,
  }
}

// A step that the other one waits for cannot wait for it.
function needing(id: string, { step, pointer, list }: StepPlace, known: Known): Pick<Mistake, 'fixes'> {
  const needs = known.needs.get(list.pointer) ?? new SiblingNeeds(list.steps)
  known.needs.set(list.pointer, needs)
  if (needs.has(id, step.id)) return {}
  const edit: DocumentEdit =
    step.needs === undefined || step.needs.length === 0
      ? { op: 'add', pointer: `${pointer}/needs`, value: [id], after: 'id' }
      : { op: 'add', pointer: `${pointer}/needs/-`, value: id }
  return { fixes: [{ title: `add "${id}" to "needs" of "${step.id}"`, edits: [edit] }] }
}
