import { loadDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { map, stepOf } from './functions.ts'
import { choose, has, orElse } from './guards.ts'
import { json } from './json.ts'
import { add, eq, gt, lt } from './operators.ts'
import { defineQuestion } from './question.ts'
import { defineSignal } from './signal.ts'
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

describe('loops', () => {
  test('name their items apart from those of loops around them', () => {
    const built = defineWorkflow('w', inputs, (w) => {
      w.forEach('outer', w.input.names, (w, name) => {
        w.forEach('inner', [1, 2], (w, number) => w.set('both', { name, number }), { collect: true })
      })
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'outer',
        forEach: { in: 'input.names' },
        do: [
          {
            id: 'inner',
            forEach: { in: [1, 2], as: 'item2', collect: true },
            do: [{ id: 'both', set: { name: '${{ item }}', number: '${{ item2 }}' } }],
          },
        ],
      },
    ])
  })

  test('refuse the index of another loop, whose name means their own', () => {
    expect(() =>
      defineWorkflow('w', inputs, (w) => {
        w.forEach('outer', w.input.names, (w, _name, outer) => {
          w.forEach('inner', [1, 2], (w) => w.set('both', { outer }))
        })
      }),
    ).toThrow('`index` of a block is hidden by that of an inner block here')
  })

  test('refuse an item outside of its loop', () => {
    let kept: unknown
    expect(() =>
      defineWorkflow('w', inputs, (w) => {
        w.forEach('loop', w.input.names, (_, name) => {
          kept = name
        })
        w.set('after', { name: kept as string })
      }),
    ).toThrow('`item` of a block is not seen here')
  })

  test('remember what they gave', () => {
    const built = defineWorkflow('w', { output: { sum: z.number() } }, (w) => {
      const loop = w.repeat('loop', { max: 10, every: '1m', initial: { sum: 0 } }, (w) => {
        const next = w.set('add', { sum: add(w.previous.sum, w.iteration) })
        w.until(gt(next.sum, 5))
        return next
      })
      return { sum: loop.sum }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'loop',
        repeat: { max: 10, every: '1m', initial: { sum: 0 }, until: 'steps.add.output.sum > 5' },
        do: [{ id: 'add', set: { sum: '${{ previous.sum + iteration }}' } }],
      },
    ])
  })

  test('give something else when they are exhausted', () => {
    const built = defineWorkflow('w', { output: { verdict: z.string() } }, (w) => {
      const loop = w.repeat('loop', { max: 3, onExhausted: { output: { verdict: 'revise' } } }, (w) => {
        w.while(lt(w.iteration, 5))
        return w.set('draft', { verdict: 'approve' })
      })
      // No iteration may have run.
      return { verdict: orElse(loop, { verdict: 'none' }).verdict }
    })
    expect(stepsOf(built)).toMatchObject([
      { repeat: { max: 3, while: 'iteration < 5' }, onExhausted: { output: { verdict: 'revise' } } },
    ])
  })

  test('collect what failed as values', () => {
    const built = defineWorkflow('w', { ...inputs, output: { all: z.array(z.string()) } }, (w) => {
      const each = w.forEach('each', w.input.names, (w, name) => w.step('say', echo, name), {
        as: 'name',
        concurrency: 2,
        collect: true,
      })
      return { all: map(each, (one) => choose(one, 'ok', { true: (r) => r.output, false: (r) => r.failure.code })) }
    })
    expect(built.definition.output).toMatchObject({
      all: { value: '${{ steps.each.output.map(x, x.ok ? x.output : x.failure.code) }}' },
    })
    expect(stepsOf(built)).toMatchObject([{ forEach: { as: 'name', concurrency: 2, collect: true } }])
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

describe('states', () => {
  const submitted = defineSignal('submitted', json({ type: 'object', properties: {} }))
  const paid = defineSignal(
    'paid',
    json({ type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } }),
  )
  const verdict = defineQuestion({ choices: ['approve', 'revise'] })

  test('go where their exits lead, and give what the last one returns', () => {
    const built = defineWorkflow('w', { input: { title: z.string() }, output: { url: z.string() } }, (w) => {
      const article = w.states('article', 'draft', {
        draft: (w) => {
          w.on(submitted, 'review')
          w.on(paid, 'published', { if: (data) => gt(data.amount, 100) })
          w.after('7d', 'abandoned')
        },
        review: (w) => {
          const asked = w.ask('verdict', verdict, { title: text`Publish ${w.input.title}?` }, { timeout: '2d' })
          w.next('published', { if: eq(asked.choice, 'approve') })
          w.next('draft')
        },
        published: (w) => {
          const note = w.set('note', { paid: has(w.dataOf(paid)), now: w.state })
          return { url: text`/${w.input.title}?${note.now}` }
        },
        abandoned: (w) => w.fail('forget', { code: 'ABANDONED', message: 'Nobody has written it.' }),
      })
      return { url: article.url }
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'article',
        initial: 'draft',
        states: {
          draft: {
            on: {
              submitted: [{ to: 'review', schema: submitted.schema }],
              paid: [{ to: 'published', if: 'signal.data.amount > 100', schema: paid.schema }],
            },
            after: { '7d': [{ to: 'abandoned' }] },
          },
          review: {
            do: [
              {
                id: 'verdict',
                ask: { title: 'Publish ${{ input.title }}?', choices: ['approve', 'revise'] },
                timeout: '2d',
              },
            ],
            next: [{ to: 'published', if: 'steps.verdict.output.choice == "approve"' }, { to: 'draft' }],
          },
          published: {
            do: [
              { id: 'note', set: { paid: '${{ has(signal.data) }}', now: '${{ state }}' } },
              { id: 'article_published', set: { url: '/${{ input.title }}?${{ steps.note.output.now }}' } },
            ],
          },
          abandoned: { do: [{ id: 'forget', fail: { code: 'ABANDONED', message: 'Nobody has written it.' } }] },
        },
      },
    ])
  })

  test('all give something in the end, or none does', () => {
    expect(() =>
      defineWorkflow('w', {}, (w) => {
        w.states('machine', 'one', {
          one: (w) => {
            w.next('two', { if: true })
            w.next('three')
          },
          two: () => ({ a: 1 }),
          three: () => undefined,
        })
      }),
    ).toThrow('can end in "two", which returns something, and in "three", which returns nothing')
  })
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
