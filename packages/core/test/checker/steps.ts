import type { Json, JsonObject } from '@segno/schema/plan'
import type { Condition } from './conditions.ts'
import type { Dice } from './dice.ts'
import type { Expressions } from './expressions.ts'
import { denying, reading, type Guard, type Outlook, type Reading, type Reason } from './outlook.ts'
import type { Coverage } from './seen.ts'
import { boolean, integer, number, randomShape, record, text, type MapShape, type Shape } from './shape.ts'
import { marked, type Spoiler } from './spoiler.ts'

/** A handler as the host tells of it, with the shapes that its schemas were made of. */
export interface Contract {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  readonly inputSchema: JsonObject
  readonly outputSchema: JsonObject | undefined
}

/** A workflow that others call or start. */
export interface Callee {
  readonly name: string
  readonly definition: JsonObject
  readonly input: MapShape
  readonly output: MapShape
}

/** What a step is to those who read it. */
export interface Face {
  readonly id: string
  readonly output?: {
    readonly shape: Shape
    readonly isDeclared: boolean
    /** Wherever it completed. */ readonly isAlways: boolean
  }
  /** Why it may not have completed where the list has gone on. */
  readonly mayNotHaveRun?: Reason
  /** Whether it may have failed and the list went on. */
  readonly mayHaveFailed?: boolean
  readonly isWork?: boolean
  /** Whether a `return` in it may have ended it: it has completed then, and gives nothing. */
  readonly mayReturn?: boolean
}

/** Where a step stands. */
export interface Place {
  readonly id: string
  readonly outlook: Outlook
  /** How deep blocks may be nested from here on. */
  readonly depth: number
  readonly mayReturn: boolean
}

/** The steps of a list, and what they are to those who read them. */
export interface Listed {
  readonly steps: readonly Json[]
  readonly faces: readonly Face[]
}

/** A step, and what it is to those who read it. */
export interface Made {
  readonly step: JsonObject
  readonly face: Face
}

/** What all generators of one definition share. */
export interface Workshop {
  readonly dice: Dice
  readonly spoiler: Spoiler
  readonly coverage: Coverage
  readonly expressions: Expressions
  readonly contracts: readonly Contract[]
  readonly callees: readonly Callee[]
  readonly outputs: Readonly<Record<string, Shape>>
  /** Paths that the way to here, and not a guard around it, may have told something of. */
  readonly settled: string[]
  nextId(): string
  listOf(place: Omit<Place, 'id'>): Listed
  stepOf(place: Place): Made
}

const failureShape = record({ code: text, message: text, retryable: boolean })

/** What can be read of a step, by those who see it; `because` where it may not have run for a reason of theirs. */
export function readingsOf(face: Face, dice: Dice, because = face.mayNotHaveRun): Reading[] {
  const { id, output, mayHaveFailed, isWork, mayReturn } = face
  const path = `steps.${id}.output`
  const status = `steps.${id}.status == "completed"`
  const ran: Guard[] =
    because === undefined && output?.isAlways === true
      ? []
      : [
          {
            kind: 'ran',
            path,
            text: output?.isAlways === true && mayReturn !== true && dice.chance(50) ? status : `has(${path})`,
            because: because ?? 'its `if`',
          },
        ]
  const failed = `steps.${id}.failure`
  return [
    ...(output === undefined ? [] : [{ path, shape: output.shape, guards: ran, isDeclared: output.isDeclared }]),
    reading(`steps.${id}.status`, text, { isDeclared: false }),
    ...(isWork === true && because === undefined
      ? [reading(`steps.${id}.attempts`, integer), reading(`steps.${id}.startedAt`, text)]
      : []),
    ...(mayHaveFailed === true
      ? [reading(failed, failureShape, { guards: [{ kind: 'failed', path: failed, text: `has(${failed})` }] })]
      : []),
  ]
}

/** What a clause or a `finally` reads of a failure. */
export function readingsOfError(name: string, mayBeNull: boolean, codes?: readonly string[]): Reading[] {
  const guards: Guard[] = mayBeNull ? [{ kind: 'error', path: name, text: `${name} != null` }] : []
  const code: Shape = codes === undefined ? text : { kind: 'enum', values: codes }
  return [reading(name, record({ code, message: text, retryable: boolean }), { guards })]
}

/** A value with expressions in it, as a definition writes it. */
export function template(workshop: Workshop, wanted: Shape, outlook: Outlook, depth = 2): Json {
  const { dice, expressions, coverage } = workshop
  const choice = dice.below(3)
  if (choice === 1 || depth <= 0) return `\${{ ${expressions.write(wanted, outlook, 2)} }}`
  switch (wanted.kind) {
    case 'map':
      return mapTemplate(workshop, wanted, outlook, depth)
    case 'list':
      return Array.from({ length: 1 + dice.below(2) }, () => template(workshop, wanted.of, outlook, depth - 1))
    case 'text':
      if (choice === 0) return dice.pick(['', 'tea', 'two words'])
      coverage.note('text with values')
      return textTemplate(workshop, outlook)
    default:
      return choice === 0 ? expressions.literalValue(wanted) : `\${{ ${expressions.write(wanted, outlook, 2)} }}`
  }
}

/** A map of values, each written out or with expressions. */
export function mapTemplate(workshop: Workshop, { fields }: MapShape, outlook: Outlook, depth = 2): JsonObject {
  const { dice } = workshop
  const given = Object.entries(fields).filter(([, { isOptional }]) => !isOptional || dice.chance(60))
  return Object.fromEntries(given.map(([name, { shape }]) => [name, template(workshop, shape, outlook, depth - 1)]))
}

/** Words with values in the middle. */
export function textTemplate({ dice, expressions, spoiler }: Workshop, outlook: Outlook): string {
  const shape = dice.pick<Shape>([text, integer, number, boolean])
  const expression = expressions.write(shape, outlook, 2)
  if (spoiler.here('null in a text')) return `it is \${{ ${marked('null')} }}`
  if (spoiler.here('a list in a text')) return `it is \${{ ${marked('[1]')} }}`
  return dice.chance(50) ? `it is \${{ ${expression} }}` : `\${{ ${expression} }}, they say`
}

/** A value of another shape, as an expression. */
export function mistyped(wanted: Shape): string {
  const { kind } = wanted.kind === 'nullable' ? wanted.of : wanted
  const isNumber = kind === 'integer' || kind === 'number'
  return `\${{ ${marked(isNumber ? '"a" + "b"' : '1 + 1')} }}`
}

/** The readings of steps in a list that may not have run as a whole. */
export function readingsOfAll({ faces }: Listed, workshop: Workshop, because?: Face['mayNotHaveRun']): Reading[] {
  return faces.flatMap((face) => readingsOf(face, workshop.dice, face.mayNotHaveRun ?? because))
}

/** A random declared `output` of a block, as seen by an outlook that has its inside. */
export function declaredOutput(workshop: Workshop, outlook: Outlook): { readonly shape: Shape; readonly value: Json } {
  const shape = randomShape(workshop.dice, 2)
  return { shape, value: template(workshop, shape, denying(outlook, workshop.settled)) }
}

/** Notes what a condition tells whoever comes after it. */
export function settle({ settled }: Workshop, { touched }: Condition): void {
  settled.push(...touched.filter((path) => !/^(x\d|data)/.test(path)))
}
