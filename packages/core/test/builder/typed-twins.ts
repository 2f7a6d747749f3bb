import { z } from 'zod'
import { handlerNamed } from '../../src/builder/define-handler.ts'
import { defineWorkflow } from '../../src/builder/define-workflow.ts'
import { has, isNull } from '../../src/builder/guards.ts'
import { add, ge, gt, lt, not, sub, when } from '../../src/builder/operators.ts'
import { size, stepOf } from '../../src/builder/functions.ts'
import { defineQuestion } from '../../src/builder/question.ts'
import { defineSignal } from '../../src/builder/signal.ts'
import { expr, text } from '../../src/builder/text.ts'
import type { TypedWorkflow } from '../../src/builder/typed-workflow.ts'

// The hosts of the fixtures have these handlers.
const worker = handlerNamed<void, unknown>('worker')

/** Workflows that say in TypeScript what the fixture of the same path says in YAML. */
export const typedTwins: Readonly<Record<string, TypedWorkflow>> = {
  'uses/completes': defineWorkflow(
    'uses-completes',
    { input: { name: z.string() }, output: { greeting: z.string() } },
    (w) => {
      const greet = w.step('greet', handlerNamed<{ name: string }, { text: string }>('greeter'), { name: w.input.name })
      return { greeting: greet.text }
    },
  ),

  'if/completes': defineWorkflow('if-completes', { input: { big: z.boolean() }, output: { size: z.string() } }, (w) => {
    const chosen = w.if(
      'size',
      w.input.big,
      (w) => w.set('large', { is: 'large' }),
      (w) => w.set('small', { is: 'small' }),
    )
    w.if('only', w.input.big, (w) => {
      w.set('never', { a: 1 })
    })
    w.if('taken', not(w.input.big), (w) => {
      w.set('always', { a: 2 })
    })
    return { size: chosen.is }
  }),

  'patterns/wcp-04-exclusive-choice': defineWorkflow(
    'wcp-04-exclusive-choice',
    { input: { size: z.enum(['small', 'large']) } },
    (w) => {
      w.match('carrier', w.input.size, {
        small: (w) => w.step('letter', worker),
        large: (w) => w.step('freight', worker),
      })
    },
  ),

  'patterns/wcp-14-instances-known-at-run-time': defineWorkflow(
    'wcp-14-instances-known-at-run-time',
    { input: { authors: z.array(z.string()) } },
    (w) => {
      const review = handlerNamed<string, unknown>('worker')
      w.forEach('reviews', w.input.authors, (w, author) => w.step('review', review, author), {
        as: 'author',
        concurrency: 20,
      })
      w.step('decide', worker)
    },
  ),

  'repeat/while-with-memory': defineWorkflow('repeat-while', { output: { sum: z.number() } }, (w) => {
    const loop = w.repeat('loop', { max: 10, initial: { sum: 0 } }, (w) => {
      w.while(lt(w.previous.sum, 3))
      const { sum } = w.set('add', { sum: add(w.previous.sum, w.iteration, 1) })
      return { sum }
    })
    return { sum: loop.sum }
  }),

  'parallel/completes': defineWorkflow('parallel-completes', { output: { sum: z.number() } }, (w) => {
    const count = handlerNamed<void, { n: number }>('worker')
    const countOn = handlerNamed<{ n: number }, { n: number }>('worker')
    const all = w.parallel('all', (w) => {
      const a = w.step('a', count)
      const b = w.step('b', countOn, { n: a.n }, { needs: [a] })
      const c = w.step('c', count)
      return { sum: add(a.n, b.n, c.n) }
    })
    return { sum: all.sum }
  }),

  'try/caught': defineWorkflow('try-caught', { output: { message: z.string() } }, (w) => {
    const teller = handlerNamed<void, { message: string }>('worker')
    const attempt = w.try(
      'attempt',
      (w) => {
        w.step('work', teller)
        return w.step('never', teller)
      },
      {
        catch: [
          { on: ['TIMEOUT'], do: (w) => w.set('slow', { message: 'slow' }) },
          {
            on: ['BROKEN'],
            as: 'problem',
            // The steps of the body are none of this callback: what is known of them is told in words.
            do: (w, problem) =>
              w.set('broken', { message: text`${problem.message}, ${expr<string>('steps.work.status')}` }),
          },
          { do: (w) => w.set('anything', { message: 'anything' }) },
        ],
        finally: (w, error) => {
          w.set('tidy', { none: isNull(error) })
        },
      },
    )
    return { message: attempt.message }
  }),

  'waitFor/completes': defineWorkflow('wait-completes', { output: { by: z.string() } }, (w) => {
    const approved = defineSignal<{ by: string }>('approved')
    return { by: w.waitFor('approval', approved, { timeout: '1d' }).by }
  }),

  'ask/completes': defineWorkflow(
    'ask-completes',
    { input: { amount: z.number() }, output: { choice: z.string() } },
    (w) => {
      const { amount } = w.input
      const approval = w.ask(
        'approval',
        defineQuestion({ choices: ['approve', 'reject'] }),
        {
          title: text`Refund ${amount}?`,
          body: 'The customer wrote twice.',
          assignees: ['ada', 'bob'],
          subject: { amount },
        },
        { timeout: '2d' },
      )
      return { choice: approval.choice }
    },
  ),

  'emit/completes': defineWorkflow('emit-completes', { input: { name: z.string() } }, (w) => {
    const { name } = w.input
    const greeted = defineSignal<{ name: string; size: number }>('greeted')
    w.emit('tell', greeted, { name, size: size(name) }, { name: text`greeted-${name}` })
    w.emit('bare', defineSignal<undefined>('done'), undefined)
  }),

  'undo/completes': defineWorkflow('undo-completes', {}, (w) => {
    const hold = handlerNamed<void, { id: string }>('worker')
    const release = handlerNamed<{ release: string }, unknown>('worker')
    w.step('hold', hold, undefined, { undo: (undo, { id }) => undo.step(release, { release: id }) })
    w.step('pay', worker)
  }),

  'states/signal-data': defineWorkflow('states-signal-data', {}, (w) => {
    const pay = defineSignal<{ amount: number }>('pay')
    w.states('order', 'open', {
      open: (w) => {
        w.on(pay, 'paid', { if: ({ amount }) => ge(amount, 100) })
        w.on(pay, 'short', { if: ({ amount }) => gt(amount, 0) })
      },
      short: (w) => {
        const data = w.dataOf(pay)
        w.set('missing', { amount: when(has(data), ({ amount }) => sub(100, amount), 0), at: w.state })
        w.on(pay, 'paid')
      },
      paid: (w) => {
        const data = w.dataOf(pay)
        w.set('thanks', { for: when(has(data), ({ amount }) => amount, 0), at: w.state })
      },
    })
  }),

  'idempotencyKey/completes': defineWorkflow('idempotency-key-completes', { input: { order: z.string() } }, (w) => {
    const { order } = w.input
    w.step('own', worker, undefined, { idempotencyKey: text`refund-${order}` })
    w.step('usual', worker)
    w.exec('program', ['true'], { idempotencyKey: text`program-${order}` })
    w.http('request', { url: 'https://shop.example/' }, { idempotencyKey: text`request-${order}` })
  }),

  'run/completes': defineWorkflow(
    'run-completes',
    { input: { name: z.string() }, output: { some: z.boolean(), size: z.number() } },
    (w) => {
      const greet = w.run('greet', 'echo "Hello $NAME"', { env: { NAME: w.input.name } })
      const length = w.run('size', 'print(5)', { shell: 'python', output: { from: 'json', schema: z.number() } })
      return { some: has(stepOf(greet).exitCode), size: length }
    },
  ),

  'call/fails': defineWorkflow('call-fails', {}, (w) => {
    const risky = defineWorkflow('risky', {}, (w) => {
      w.step('work', worker)
      w.set('never', { n: 1 })
    })
    w.call('sub', risky, {})
  }),

  'return/completes': defineWorkflow('return-completes', { output: { verdict: z.string() } }, (w) => {
    w.if('choice', expr<boolean>('1 < 2'), (w) => {
      w.return('done', { verdict: expr<string>('"ear" + "ly"') })
      w.set('after', { n: 1 })
    })
    w.set('later', { n: 2 })
    return { verdict: 'late' }
  }),
}
