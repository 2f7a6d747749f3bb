import { describe, expect, test } from 'vitest'
import type { Json } from './json.ts'
import { isJsonObject, pointerPart } from './json.ts'
import { loadDefinition, loadWorkflow } from './load.ts'
import { parseDefinition } from './parse/plain.ts'
import { soundWorkflows } from './sound-workflows.fixture.ts'

const handlers = ['send', 'pay', 'exec', 'run', 'http', 'watch']

function told(text: string): string[] {
  return loadWorkflow(text, { handlers }).diagnostics.map(
    ({ code, range }) => `${code} ${range?.start.line}:${range?.start.column}`,
  )
}

describe('all mistakes of a text are told at once, in the order of the text, and none that another one made:', () => {
  const head = 'segno: 1\nname: test\n'

  test('eight mistakes of every stage', () => {
    const text = `segno: 1
name: planted
input: { brief: { type: string, mustExist: true } }
steps:
  - id: build
    retyr: { max: 1 }
    uses: send
    with: { text: !upper "\${{ input.brief }}", to: "\${{ input.breif }}" }
  - { id: two, uses: send, set: { x: "\${{ steps.build.output }}" } }
  - { id: after, set: { x: "\${{ steps.two.output + steps.buidl.output }}", x: 1 } }
  - { id: Build, uses: sned, timeout: 5 }
`
    expect(told(text)).toEqual([
      'MISPLACED_PATH_RULE 3:33',
      'UNKNOWN_KEY 6:5',
      'YAML_FEATURE 8:19',
      'UNKNOWN_INPUT 8:63',
      'TWO_VERBS 9:5',
      'UNKNOWN_STEP 10:58',
      'DUPLICATE_KEY 10:76',
      'DUPLICATE_ID 11:11',
      'UNKNOWN_HANDLER 11:24',
      'INVALID_VALUE 11:39',
    ])
  })

  test.for<[string, string, string[]]>([
    [
      'a misspelt key does what was meant',
      'iput: { a: { type: string } }\nstpes:\n  - { id: b, set: { x: "${{ input.a + input.b }}" }, tilte: c }',
      ['UNKNOWN_KEY 3:1', 'UNKNOWN_KEY 4:1', 'UNKNOWN_INPUT 5:45', 'UNKNOWN_KEY 5:54'],
    ],
    [
      'a misspelt verb too, with its own mistakes',
      'steps: [{ id: a, paralel: [{ id: b, needs: [c], set: {} }], jion: all }]',
      ['NO_VERB 3:18', 'UNKNOWN_STEP 3:45', 'UNKNOWN_KEY 3:61'],
    ],
    [
      'an id that is none',
      'steps: [{ id: my-step, set: {} }, { id: 1a, set: {} }, { id: b, set: { x: "${{ steps.my-step.output }}", y: "${{ steps.1a.output }}", z: "${{ steps.c.output }}" } }]',
      ['INVALID_VALUE 3:15', 'INVALID_VALUE 3:41', 'UNKNOWN_STEP 3:149'],
    ],
    [
      'a step named by a key that is none',
      'steps: [{ name: build, set: {} }, { id: b, set: { x: "${{ steps.build.output }}" } }]',
      ['UNKNOWN_KEY 3:11'],
    ],
    [
      'a list of steps that is a map',
      'steps: [{ id: a, do: { id: b, set: {} }, output: "${{ steps.b.output + steps.c.output }}" }]',
      ['INVALID_VALUE 3:22'],
    ],
    [
      'inputs that are a list',
      'input: [a, b]\nsteps: [{ id: s, set: { x: "${{ input.a + input.c }}" } }]',
      ['INVALID_VALUE 3:8'],
    ],
    [
      'a step that cannot be understood, but may return',
      'output: { x: { type: string } }\nsteps: [{ id: a, return: { x: 1 }, set: {} }]',
      ['TWO_VERBS 4:9'],
    ],
    [
      'an alias in the place of steps',
      'x-a: &a [{ id: b, set: {} }]\nsteps: [{ id: a, do: *a, output: "${{ steps.b.output }}" }, { id: c, uses: sned }]',
      ['YAML_FEATURE 3:6', 'YAML_FEATURE 4:22', 'UNKNOWN_HANDLER 4:76'],
    ],
    [
      'an expression that begins with a tag',
      'steps: [{ id: a, if: !input.draft, set: { x: "${{ input.x }}" } }]',
      ['YAML_FEATURE 3:22', 'UNKNOWN_INPUT 3:57'],
    ],
    [
      'a merge key',
      'x-a: { uses: send }\nsteps: [{ <<: 1, id: a }, { id: a, set: {} }]',
      ['YAML_FEATURE 4:11', 'DUPLICATE_ID 4:33'],
    ],
    [
      'a map of waits',
      'steps: [{ id: a, waitFor: go }, { id: b, waitFor: { signal: 5 }, timeuot: 1h }, { id: c, repeat: 3, do: [] }]',
      ['INVALID_VALUE 3:27', 'INVALID_VALUE 3:61', 'UNKNOWN_KEY 3:66', 'INVALID_VALUE 3:98'],
    ],
  ])('%s', ([, text, expected]) => {
    expect(told(head + text)).toEqual(expected)
  })
})

interface Change {
  readonly what: string
  readonly pointer: string
  readonly document: Json
}

function wrongValues(value: Json): readonly Json[] {
  return Array.isArray(value) ? [null, 5, 'some words'] : [null, 5, 'some words', ['item']]
}

/** Every way to spoil one place of a document: another value, no key, a key with a letter too many. */
function* changes(value: Json, pointer: string, around: (changed: Json) => Json): Generator<Change> {
  for (const wrong of wrongValues(value)) {
    if (pointer !== '') yield { what: JSON.stringify(wrong), pointer, document: around(wrong) }
  }
  if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries()) {
      yield* changes(item, pointer + pointerPart(index), (changed) => around(value.with(index, changed)))
    }
  }
  if (!isJsonObject(value)) return
  for (const [key, field = null] of Object.entries(value)) {
    const { [key]: _, ...rest } = value
    const child = pointer + pointerPart(key)
    yield { what: 'no key', pointer: child, document: around(rest) }
    const misspelt = Object.entries(value).map(([name, one]) => [name === key ? `${key}x` : name, one])
    yield { what: 'a misspelt key', pointer: child, document: around(Object.fromEntries(misspelt) as Json) }
    yield* changes(field, child, (changed) => around({ ...value, [key]: changed }))
  }
}

type Diagnostics = ReturnType<typeof loadDefinition>['diagnostics']

// What no engine does yet is no mistake of the one who writes it.
const checked = (document: Json): Diagnostics =>
  loadDefinition(document, { handlers }).diagnostics.filter(({ code }) => code !== 'NOT_SUPPORTED')

const lines = (diagnostics: Diagnostics): string[] =>
  diagnostics.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`)

// Another name is a name, and a block without its loop is a block: who reads what was there is mistaken by himself.
const spoiltOf = (document: Json): readonly (Change & { readonly shape: readonly string[] })[] =>
  [...changes(document, '', (changed) => changed)]
    .filter(({ what, pointer }) => !/\/(id|as)$/.test(pointer) || (what !== '5' && what !== '"some words"'))
    .filter(({ what, pointer }) => what !== 'no key' || !/\/(forEach|repeat)$/.test(pointer))
    .map((change) => ({ ...change, shape: lines(parseDefinition(change.document).diagnostics) }))
    .filter(({ shape }) => shape.length > 0)

const last = '${{ steps.tidyy.output + run.nmae }}'

describe.for(Object.entries(soundWorkflows))(
  'where the shape of one place of %s is wrong',
  { timeout: 60_000 },
  ([, sound]) => {
    const spoilt = spoiltOf(sound)

    test('the document that is spoilt is valid, and is spoilt in many ways', () => {
      expect(checked(sound)).toEqual([])
      expect(spoilt.length).toBeGreaterThan(200)
    })

    test('nothing that follows from it is told', () => {
      const followUps = spoilt.flatMap(({ what, pointer, document, shape }) => {
        const all = lines(checked(document))
        return all.length === shape.length ? [] : [{ what, pointer, all }]
      })
      expect(followUps).toEqual([])
    })

    test('a mistake elsewhere is told all the same', () => {
      const tidying = [
        { id: 'tidy', set: {} },
        { id: 'last', uses: 'sned', with: last },
      ]
      const hidden = spoilt
        .filter(({ pointer }) => !pointer.startsWith('/finally'))
        .flatMap(({ what, pointer, document }) => {
          const codes = checked({ ...(document as typeof sound), finally: tidying }).map(({ code }) => code)
          const missing = (['UNKNOWN_STEP', 'UNKNOWN_FIELD', 'UNKNOWN_HANDLER'] as const).filter(
            (code) => !codes.includes(code),
          )
          return missing.length === 0 ? [] : [{ what, pointer, missing }]
        })
      expect(hidden).toEqual([])
    })
  },
)
