import { loadDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { stepOf } from './functions.ts'
import { orElse } from './guards.ts'
import { json } from './json.ts'
import { eq } from './operators.ts'
import { text } from './text.ts'

const echo = defineHandler(
  { name: 'echo', input: json({ type: 'string' }), output: json({ type: 'string' }) },
  (_, t) => t,
)
const nothing = defineHandler({ name: 'nothing' }, () => null)

/** The steps of a workflow without mistakes. */
function stepsOf({ definition }: { readonly definition: Definition }): readonly Step[] {
  const { diagnostics } = loadDefinition(definition)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return definition.steps
}

const inputs = { input: { ok: z.boolean(), name: z.string(), names: z.array(z.string()), note: z.string().optional() } }

describe('what the callback of a block returns is what the block gives:', () => {
  test('the output of its last step as it is', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string() } }, (w) => {
      const group = w.do('group', (w) => w.set('last', { a: w.input.name }))
      return { a: group.a }
    })
    expect(stepsOf(built)).toEqual([{ id: 'group', do: [{ id: 'last', set: { a: '${{ input.name }}' } }] }])
  })

  test('another value as the `output` of a block with one list', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string() } }, (w) => {
      const group = w.do('group', (w) => text`${w.step('say', echo, w.input.name)}!`)
      return { a: group }
    })
    expect(stepsOf(built)).toMatchObject([{ id: 'group', output: '${{ steps.say.output }}!' }])
  })

  test('a map as a last `set` of one list among several, and any other value as the output of a last group', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string(), b: z.string() } }, (w) => {
      const maps = w.if(
        'maps',
        w.input.ok,
        (w) => ({ a: w.step('say', echo, w.input.name) }),
        () => ({ a: 'none' }),
      )
      const values = w.if(
        'values',
        w.input.ok,
        (w) => text`${w.step('again', echo, w.input.name)}!`,
        () => 'none',
      )
      return { a: maps.a, b: values }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'maps',
        if: 'input.ok',
        do: [
          { id: 'say', uses: 'echo', with: '${{ input.name }}' },
          { id: 'maps_then', set: { a: '${{ steps.say.output }}' } },
        ],
        else: [{ id: 'maps_else', set: { a: 'none' } }],
      },
      {
        id: 'values',
        if: 'input.ok',
        do: [
          { id: 'again', uses: 'echo', with: '${{ input.name }}' },
          { id: 'values_then', do: [], output: '${{ steps.again.output }}!' },
        ],
        else: [{ id: 'values_else', do: [], output: 'none' }],
      },
    ])
  })

  test('nothing, also where the last step of its list gives something and other lists give values', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string() } }, (w) => {
      const perhaps = w.if(
        'perhaps',
        w.input.ok,
        () => ({ a: 'yes' }),
        (w) => {
          w.step('say', echo, w.input.name)
        },
      )
      return { a: orElse(perhaps, { a: 'none' }).a }
    })
    expect(stepsOf(built)).toMatchObject([{ else: [{ id: 'say' }, { id: 'perhaps_else', do: [] }] }])
  })

  test('nothing of a list that never gets to its end', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string() } }, (w) => {
      const a = w.if(
        'either',
        w.input.ok,
        (w) => w.set('known', { a: w.input.name }),
        (w) => w.fail('stop', { code: 'UNKNOWN', message: text`Nobody knows ${w.input.name}.` }),
      )
      return { a: a.a }
    })
    expect(stepsOf(built)).toMatchObject([
      { else: [{ id: 'stop', fail: { code: 'UNKNOWN', message: 'Nobody knows ${{ input.name }}.' } }] },
    ])
  })
})

describe('match', () => {
  const parcel = defineHandler(
    {
      name: 'parcel',
      output: json({
        oneOf: [
          { type: 'object', required: ['kind', 'kg'], properties: { kind: { const: 'box' }, kg: { type: 'number' } } },
          {
            type: 'object',
            required: ['kind', 'to'],
            properties: { kind: { const: 'letter' }, to: { type: 'string' } },
          },
        ],
      }),
    },
    () => ({ kind: 'letter' as const, to: 'Graz' }),
  )

  test('hands each case the part of the union that it is for', () => {
    const built = defineWorkflow('w', { output: { a: z.string() } }, (w) => {
      const sent = w.step('parcel', parcel)
      const told = w.match('route', sent, 'kind', {
        box: (w, box) => w.set('heavy', { a: text`${box.kg} kg` }),
        letter: (w, letter) => w.set('light', { a: letter.to }),
      })
      return { a: told.a }
    })
    expect(stepsOf(built)[1]).toEqual({
      id: 'route',
      match: 'steps.parcel.output.kind',
      cases: {
        box: [{ id: 'heavy', set: { a: '${{ steps.parcel.output.kg }} kg' } }],
        letter: [{ id: 'light', set: { a: '${{ steps.parcel.output.to }}' } }],
      },
    })
  })

  test('takes any text with a default', () => {
    const built = defineWorkflow('w', { ...inputs, output: { n: z.number() } }, (w) => {
      const chosen = w.match('route', w.input.name, { one: () => ({ n: 1 }) }, { default: () => ({ n: 0 }) })
      return { n: chosen.n }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'route',
        match: 'input.name',
        cases: { one: [{ id: 'route_one', set: { n: 1 } }] },
        default: [{ id: 'route_default', set: { n: 0 } }],
      },
    ])
  })
})

describe('parallel', () => {
  test('gives what its callback returns', () => {
    const built = defineWorkflow('w', { output: { a: z.string() } }, (w) => {
      const both = w.parallel(
        'both',
        (w) => {
          const lib = w.step('lib', echo, 'lib')
          const app = w.step('app', echo, lib, { needs: [lib] })
          return { app }
        },
        { concurrency: 2, failFast: false },
      )
      return { a: both.app }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'both',
        parallel: [
          { id: 'lib', uses: 'echo', with: 'lib' },
          { id: 'app', uses: 'echo', with: '${{ steps.lib.output }}', needs: ['lib'] },
        ],
        output: { app: '${{ steps.app.output }}' },
        concurrency: 2,
        failFast: false,
      },
    ])
  })

  test('gives what each of its children does, by its name', () => {
    const built = defineWorkflow('w', { ...inputs, output: { a: z.string(), n: z.number() } }, (w) => {
      const both = w.parallel('both', {
        one: (w) => w.step('say', echo, w.input.name),
        two: (w) => {
          w.step('first', nothing)
          w.step('second', nothing)
          return { n: 2 }
        },
        three: (w) => {
          w.step('third', nothing)
        },
      })
      return { a: both.one, n: both.two.n }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'both',
        parallel: [
          { id: 'say', uses: 'echo', with: '${{ input.name }}' },
          {
            id: 'two',
            do: [
              { id: 'first', uses: 'nothing' },
              { id: 'second', uses: 'nothing' },
            ],
            output: { n: 2 },
          },
          { id: 'third', uses: 'nothing' },
        ],
        output: { one: '${{ steps.say.output }}', two: '${{ steps.two.output }}' },
      },
    ])
  })
})

test('try handles failures, and finally sees them', () => {
  const built = defineWorkflow('w', { ...inputs, output: { from: z.string() } }, (w) => {
    const fetched = w.try('fetch', (w) => ({ from: w.step('first', echo, w.input.name) }), {
      catch: [
        { on: ['NOT_FOUND'], as: 'problem', do: (w, problem) => w.set('second', { from: problem.code }) },
        { do: () => ({ from: 'nowhere' }) },
      ],
      finally: (w, error) => {
        w.set('tell', { failed: eq(error, null) })
      },
    })
    w.finally((w, error) => {
      w.set('last', { status: stepOf(fetched).status, failed: error })
    })
    return { from: fetched.from }
  })
  expect(stepsOf(built)).toEqual([
    {
      id: 'fetch',
      try: [
        { id: 'first', uses: 'echo', with: '${{ input.name }}' },
        { id: 'fetch_try', set: { from: '${{ steps.first.output }}' } },
      ],
      catch: [
        { on: ['NOT_FOUND'], as: 'problem', do: [{ id: 'second', set: { from: '${{ problem.code }}' } }] },
        { do: [{ id: 'fetch_catch2', set: { from: 'nowhere' } }] },
      ],
      finally: [{ id: 'tell', set: { failed: '${{ error == null }}' } }],
    },
  ])
  expect(built.definition.finally).toEqual([
    { id: 'last', set: { status: '${{ steps.fetch.status }}', failed: '${{ error }}' } },
  ])
})

describe('a step is written where its `w` says:', () => {
  test('that of a list around is refused inside of a block', () => {
    expect(() =>
      defineWorkflow('w', {}, (outer) => {
        outer.do('group', () => {
          outer.set('lost', { a: 1 })
        })
      }),
    ).toThrow('The step "lost" cannot be added: its `w` is that of a list outside of the block that is being written')
  })

  test('that of a block is refused after it', () => {
    expect(() =>
      defineWorkflow('w', {}, (w) => {
        let kept = w as { set: typeof w.set }
        w.do('group', (inner) => {
          kept = inner
        })
        kept.set('late', { a: 1 })
      }),
    ).toThrow('The step "late" cannot be added: its list has been written already')
  })

  test('a callback that is async is refused', () => {
    expect(() => defineWorkflow('w', {}, async (w) => void w.set('a', { a: 1 }))).toThrow('is async')
  })
})
