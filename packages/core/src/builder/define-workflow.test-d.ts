import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../runtime/engine-options.ts'
import type { RunResult } from '../runtime/run-handle.ts'
import { defineHandler, handlerNamed } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import type { FailureFacts } from './facts.ts'
import { map, size, stepOf } from './functions.ts'
import { choose, has, orElse, sure } from './guards.ts'
import { add, eq, gt, lt, ne, when } from './operators.ts'
import { defineQuestion } from './question.ts'
import type { Expr, Given, Ref, StepRef } from './reference.ts'
import { defineSignal } from './signal.ts'
import { text } from './text.ts'

const classify = defineHandler(
  {
    name: 'classify',
    input: z.object({ text: z.string(), hint: z.string().optional() }),
    output: z.object({ decision: z.enum(['createTicket', 'manualReview']), note: z.string().optional() }),
  },
  () => ({ decision: 'manualReview' as const }),
)
const parcel = handlerNamed<void, { kind: 'box'; kg: number } | { kind: 'letter'; to: string }>('parcel')
const approved = defineSignal('approved', z.object({ by: z.string() }))
const verdict = defineQuestion({ choices: ['approve', 'reject'] })
const address = defineQuestion({ form: { town: z.string(), country: z.string().default('Austria') } })

const header = {
  input: { subject: z.string(), body: z.string(), count: z.number().default(1), note: z.string().optional() },
  output: { ticket: z.string().nullable() },
  signals: { approved },
  secrets: ['TOKEN'],
} as const

const triage = defineWorkflow('triage', header, (w) => {
  const label = w.step('classify', classify, { text: w.input.body })
  return w.match('route', label.decision, {
    createTicket: () => ({ ticket: 'T' }),
    manualReview: () => ({ ticket: null }),
  })
})

declare const engine: Engine

describe('a reference', () => {
  defineWorkflow('w', header, (w) => {
    const label = w.step('classify', classify, { text: w.input.body })

    test('has the type and the fields of what it stands for', () => {
      expectTypeOf(label.decision).toEqualTypeOf<Ref<'createTicket' | 'manualReview'>>()
      expectTypeOf(w.input.count).toEqualTypeOf<Ref<number>>()
      expectTypeOf(w.input.note).toEqualTypeOf<Ref<string | undefined>>()
      // @ts-expect-error there is no such field
      label.decisoin.valueOf()
      // @ts-expect-error there is no such input
      w.input.sbject.valueOf()
    })

    test('stands for a value of its type alone', () => {
      w.step('ok', classify, { text: label.decision, hint: 'plain' })
      // @ts-expect-error a number is no text
      w.step('mistyped', classify, { text: w.input.count })
      // @ts-expect-error the input is not there
      w.step('incomplete', classify, {})
      // @ts-expect-error it has no such input
      w.step('other', classify, { text: 'a', tone: 'b' })
    })

    test('that may be missing is guarded first', () => {
      // @ts-expect-error it may be missing
      w.step('unguarded', classify, { text: w.input.note })
      // @ts-expect-error it may be missing, also where it may be left out
      w.step('optional', classify, { text: 'a', hint: w.input.note })
      // @ts-expect-error it may be missing
      w.set('copied', { note: label.note })
      // @ts-expect-error it may be missing
      eq(w.input.note, 'a')
      // @ts-expect-error it may be missing
      void text`Note: ${w.input.note}`
      w.step('guarded', classify, { text: orElse(w.input.note, 'none') })
      w.step('given', classify, { text: when(has(w.input.note), (note) => note, 'none') })
      w.if('block', has(w.input.note), (w, note) => w.step('known', classify, { text: note }))
      w.step('sure', classify, { text: sure(w.input.note) }, { if: has(w.input.note) })
    })

    test('that may be null is guarded first', () => {
      const set = w.set('nullable', { nick: when(gt(w.input.count, 1), 'a', null) })
      // @ts-expect-error it may be null
      w.step('unguarded2', classify, { text: set.nick })
      w.step('guarded2', classify, { text: when(ne(set.nick, null), (nick) => nick, 'none') })
    })

    test('of a step that may be skipped or fail may be missing', () => {
      const skipped = w.step('skipped', classify, { text: 'a' }, { if: gt(w.input.count, 1) })
      const passed = w.step('passed', classify, { text: 'a' }, { onFailure: 'continue' })
      // @ts-expect-error it may be missing
      skipped.decision.valueOf()
      // @ts-expect-error it may be missing
      passed.decision.valueOf()
      expectTypeOf(stepOf(passed).status).toExtend<Expr<string>>()
      // @ts-expect-error it may not have failed
      stepOf(passed).failure.code.valueOf()
    })

    test('is compared with what it can be', () => {
      eq(label.decision, 'createTicket')
      // @ts-expect-error it is never that
      eq(label.decision, 'creatTicket')
      // @ts-expect-error a text is no number
      lt(label.decision, 1)
      // @ts-expect-error a text is no number
      add(1, label.decision)
    })
    return { ticket: null }
  })
})

describe('a block', () => {
  defineWorkflow('w', header, (w) => {
    const label = w.step('classify', classify, { text: w.input.body })

    test('gives what its branches return', () => {
      const chosen = w.if(
        'either',
        gt(w.input.count, 1),
        () => ({ a: 'yes', n: w.input.count }),
        () => ({ a: 'no', n: 0 }),
      )
      expectTypeOf(chosen.a).toEqualTypeOf<Ref<'yes' | 'no'>>()
      const perhaps = w.if('perhaps', gt(w.input.count, 1), () => ({ a: 1 }))
      // @ts-expect-error there is no other branch
      perhaps.a.valueOf()
      const sureOne = w.if(
        'failing',
        gt(w.input.count, 1),
        () => ({ a: 1 }),
        (w) => w.fail('stop', { code: 'STOP', message: 'a' }),
      )
      expectTypeOf(sureOne.a).toEqualTypeOf<Ref<1>>()
    })

    test('that matches has all cases and no other', () => {
      // @ts-expect-error a case is missing
      w.match('missing', label.decision, { createTicket: () => null })
      // @ts-expect-error there is no such value
      w.match('other', label.decision, { createTicket: () => null, manualReview: () => null, none: () => null })
      // @ts-expect-error any text needs a default
      w.match('any', w.input.subject, { a: () => null })
      w.match('rest', label.decision, { createTicket: () => null }, { default: () => null })
    })

    test('keeps the literals that its branches return', () => {
      const matched = w.match('literal', label.decision, {
        createTicket: (w) => ({ as: 'ticket', of: w.input.subject }),
        manualReview: () => ({ as: 'review', of: null }),
      })
      expectTypeOf(matched.as).toEqualTypeOf<Ref<'ticket' | 'review'>>()
      expectTypeOf(matched.of).toEqualTypeOf<Ref<string | null>>()
      const ended = w.states('ends', 'one', {
        one: (w) => {
          w.next('two')
        },
        two: () => ({ as: 'two' }),
        three: (w) => ({ as: 'three', of: w.input.subject }),
      })
      expectTypeOf(ended.as).toEqualTypeOf<Ref<'two' | 'three'>>()
    })

    test('that matches a union hands out its parts', () => {
      const sent = w.step('parcel', parcel)
      // @ts-expect-error not every parcel has it
      sent.kg.valueOf()
      w.match('sent', sent, 'kind', {
        box: (_, box) => expectTypeOf(box.kg).toEqualTypeOf<Ref<number>>(),
        letter: (_, letter) => expectTypeOf(letter.to).toEqualTypeOf<Ref<string>>(),
      })
      // @ts-expect-error a part is missing
      w.match('half', sent, 'kind', { box: () => null })
      expectTypeOf(choose(sent, 'kind', { box: (box) => box.kg, letter: (letter) => size(letter.to) })).toExtend<
        Expr<number>
      >()
    })

    test('that loops knows its items, and its memory', () => {
      const each = w.forEach('each', ['a', 'b'], (w, item, index) => {
        expectTypeOf(item).toExtend<Expr<string>>()
        return { item, index, count: w.input.count }
      })
      expectTypeOf(map(each, (one) => one.index)).toEqualTypeOf<Ref<number[]>>()
      const collected = w.forEach('collected', ['a'], () => ({ a: 1 }), { collect: true })
      map(collected, (one) => choose(one, 'ok', { true: (r) => r.output.a, false: (r) => r.failure.code }))
      // @ts-expect-error it may have failed
      map(collected, (one) => one.output.a)
      w.repeat('loop', { max: 3, initial: { sum: 0 } }, (w) => {
        expectTypeOf(w.previous.sum).toEqualTypeOf<Ref<number>>()
        return { sum: add(w.previous.sum, 1) }
      })
      // @ts-expect-error it remembers a number
      w.repeat('mistyped', { max: 3, initial: { sum: 0 } }, () => ({ sum: 'a' }))
    })

    test('that races its children gives what may be missing', () => {
      w.parallel('all', (w) => ({ decision: w.step('a', classify, { text: 'a' }).decision }))
      w.parallel(
        'any',
        (w) => {
          const a = w.step('b', classify, { text: 'a' })
          // @ts-expect-error another may have been first
          a.decision.valueOf()
          return orElse(a, { decision: 'none' }).decision
        },
        { join: 'any' },
      )
    })

    test('that catches hands out the failure', () => {
      w.try('try', () => ({ a: 1 }), {
        catch: (_, error) => {
          expectTypeOf(error).toEqualTypeOf<Ref<FailureFacts>>()
          return { a: 2 }
        },
      })
    })

    test('of states goes to states that there are', () => {
      w.states('machine', 'one', {
        one: (w) => {
          w.next('two')
          // @ts-expect-error there is no such state
          w.next('tow')
          w.on(approved, 'two', { if: (data) => eq(data.by, 'Ada') })
          // @ts-expect-error the signal carries no such field
          w.on(approved, 'two', { if: (data) => eq(data.bye, 'Ada') })
        },
        two: () => ({ a: 1 }),
      })
      // @ts-expect-error there is no such state
      w.states('other', 'three', { one: () => null, two: () => null })
    })
    return { ticket: null }
  })
})

describe('a workflow', () => {
  test('gives what it says', () => {
    // @ts-expect-error a number is no ticket
    defineWorkflow('w', header, () => ({ ticket: 1 }))
    // @ts-expect-error the output is not there
    defineWorkflow('w', header, () => ({}))
    defineWorkflow('w', header, (w) => w.return('end', { ticket: null }))
    // @ts-expect-error a number is no ticket
    defineWorkflow('w', header, (w) => w.return('end', { ticket: 1 }))
  })

  test('knows its secrets, which are no texts', () => {
    defineWorkflow('w', header, (w) => {
      w.exec('ok', ['a'], { env: { A: w.secrets.TOKEN } })
      // @ts-expect-error it is not declared
      w.exec('other', ['a'], { env: { A: w.secrets.OTHER } })
      // @ts-expect-error arguments are seen by others
      w.exec('seen', ['a', w.secrets.TOKEN])
      // @ts-expect-error it would be recorded
      w.set('kept', { a: w.secrets.TOKEN })
      return { ticket: null }
    })
  })

  test('is called with its inputs, and gives its outputs', () => {
    defineWorkflow('w', {}, (w) => {
      const called = w.call('one', triage, { subject: 'a', body: 'b' })
      expectTypeOf(called.ticket).toEqualTypeOf<Ref<string | null>>()
      // @ts-expect-error an input is missing
      w.call('two', triage, { subject: 'a' })
      // @ts-expect-error a number is no text
      w.start('three', triage, { subject: 1, body: 'b' })
      expectTypeOf(w.start('four', triage, { subject: 'a', body: 'b' }, { wait: false }).runId).toEqualTypeOf<
        Ref<string>
      >()
    })
  })

  test('is started with its inputs, and results in its outputs', () => {
    expectTypeOf(async () => (await engine.start(triage, { subject: 'a', body: 'b' })).result()).returns.toEqualTypeOf<
      Promise<RunResult<{ readonly ticket: string | null }>>
    >()
    // @ts-expect-error an input is missing
    void engine.start(triage, { subject: 'a' })
    // @ts-expect-error its inputs are required
    void engine.start(triage)
    // @ts-expect-error a number is no text
    void engine.start(triage, { subject: 'a', body: 1 })
    // @ts-expect-error there is no such input
    void engine.start(triage, { subject: 'a', body: 'b', tone: 'c' })
    void engine.start(defineWorkflow('w', {}, () => null))
  })

  test('takes the data of its signals, and answers to its questions', async () => {
    const run = await engine.start(triage, { subject: 'a', body: 'b' })
    await run.signal('approved', { by: 'Ada' })
    await run.signal(approved, { by: 'Ada' })
    // @ts-expect-error it carries a name
    await run.signal('approved', { by: 1 })
    // @ts-expect-error it carries a name
    await run.signal(approved, {})
    // @ts-expect-error there is no such signal
    await run.signal('aproved', { by: 'Ada' })
    for (const task of await run.tasks(verdict)) {
      await run.answer(task, { choice: 'approve', comment: 'Fine.' })
      // @ts-expect-error there is no such choice
      await run.answer(task, { choice: 'aprove' })
    }
    for (const task of await run.tasks(address)) {
      await run.answer(task, { form: { town: 'Graz' } })
      // @ts-expect-error a field is missing
      await run.answer(task, { form: {} })
    }
    defineWorkflow('w', {}, (w) => {
      expectTypeOf(w.ask('a', verdict, { title: 'a' }).choice).toEqualTypeOf<Ref<'approve' | 'reject'>>()
      expectTypeOf(w.ask('b', address, { title: 'a' }).form.country).toEqualTypeOf<Ref<string>>()
      expectTypeOf(w.waitFor('c', approved).by).toEqualTypeOf<Ref<string>>()
    })
  })
})

test('what a process gives is told by its `output`', () => {
  defineWorkflow('w', {}, (w) => {
    expectTypeOf(w.exec('a', ['a'])).toEqualTypeOf<StepRef<undefined>>()
    expectTypeOf(w.exec('b', ['a'], { output: { from: 'lines' } })).toEqualTypeOf<StepRef<string[]>>()
    expectTypeOf(w.run('c', 'a', { output: { from: 'json', schema: z.object({ n: z.number() }) } }).n).toEqualTypeOf<
      Ref<number>
    >()
    // @ts-expect-error there is no such option
    w.exec('d', ['a'], { timeut: '5m' })
  })
})

test('a value with references in it stands for a value', () => {
  expectTypeOf<{ readonly a: Expr<string> }>().toExtend<Given<{ readonly a: string }>>()
  expectTypeOf<readonly (Expr<number> | 1)[]>().toExtend<Given<readonly number[]>>()
})
