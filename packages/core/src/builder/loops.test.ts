import { loadDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { map } from './functions.ts'
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

/** The steps of a workflow without mistakes. */
function stepsOf({ definition }: { readonly definition: Definition }): readonly Step[] {
  const { diagnostics } = loadDefinition(definition)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return definition.steps
}

const inputs = { input: { ok: z.boolean(), name: z.string(), names: z.array(z.string()), note: z.string().optional() } }

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
