import { loadDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createEngine } from '../runtime/engine.ts'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { gt } from './operators.ts'
import { defineQuestion } from './question.ts'
import { defineSignal } from './signal.ts'
import { text } from './text.ts'

const book = defineHandler(
  { name: 'book', input: z.object({ to: z.string() }), output: z.object({ seat: z.string() }) },
  () => ({ seat: '12A' }),
)
const release = defineHandler({ name: 'release', input: z.object({ seat: z.string() }) }, () => null)
const approved = defineSignal('approved', z.object({ by: z.string(), level: z.number() }))

const price = defineWorkflow(
  'net-price',
  { input: { net: z.number(), rate: z.number().default(0.25) }, output: { gross: z.number() } },
  (w) => {
    const priced = w.step('book', book, { to: 'Graz' })
    return { gross: w.set('sum', { gross: w.input.net, seat: priced.seat }).gross }
  },
)

function stepsOf({ definition }: { readonly definition: Definition }): readonly Step[] {
  const { diagnostics } = loadDefinition(definition)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return definition.steps
}

describe('a verb adds a step with all that it says:', () => {
  test('work', () => {
    const built = defineWorkflow('w', { input: { to: z.string() }, secrets: ['TOKEN'] }, (w) => {
      w.step(
        'flight',
        book,
        { to: w.input.to },
        {
          title: 'Book a seat',
          timeout: '5m',
          retry: { max: 2, delay: '1s', on: ['BUSY'] },
          effect: 'idempotent',
          idempotencyKey: text`flight-${w.thisRun.id}`,
          onFailure: 'continue',
          undo: (undo, { seat }) => undo.step(release, { seat }, { retry: { max: 3 } }),
          'x-team': 'travel',
        },
      )
      w.exec('list', ['printf', '%s', w.input.to], { output: { from: 'lines' }, env: { A: 1, B: w.secrets.TOKEN } })
      w.run('say', 'echo "$NAME"', { env: { NAME: text`Bearer ${w.secrets.TOKEN}` }, shell: 'bash' })
      w.http(
        'order',
        {
          method: 'POST',
          url: text`https://api.example.com/${w.input.to}`,
          headers: { Authorization: text`Bearer ${w.secrets.TOKEN}` },
          query: { places: [1, 2] },
          body: { to: w.input.to },
        },
        { output: { schema: z.object({ id: z.string() }) }, if: gt(w.input.to, 'a') },
      )
    })
    expect(stepsOf(built)).toEqual([
      {
        id: 'flight',
        uses: 'book',
        with: { to: '${{ input.to }}' },
        title: 'Book a seat',
        timeout: '5m',
        retry: { max: 2, delay: '1s', on: ['BUSY'] },
        effect: 'idempotent',
        idempotencyKey: 'flight-${{ run.id }}',
        onFailure: 'continue',
        undo: { uses: 'release', with: { seat: '${{ steps.flight.output.seat }}' }, retry: { max: 3 } },
        'x-team': 'travel',
      },
      {
        id: 'list',
        exec: ['printf', '%s', '${{ input.to }}'],
        output: { from: 'lines' },
        env: { A: 1, B: '${{ secrets.TOKEN }}' },
      },
      { id: 'say', run: 'echo "$NAME"', env: { NAME: 'Bearer ${{ secrets.TOKEN }}' }, shell: 'bash' },
      {
        id: 'order',
        http: {
          method: 'POST',
          url: 'https://api.example.com/${{ input.to }}',
          headers: { Authorization: 'Bearer ${{ secrets.TOKEN }}' },
          query: { places: [1, 2] },
          body: { to: '${{ input.to }}' },
        },
        output: { schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
        if: 'input.to > "a"',
      },
    ])
    expect(Object.keys(built.handlers)).toEqual(['book', 'release'])
  })

  test('waits', () => {
    const built = defineWorkflow('w', { input: { at: z.string(), file: z.string() } }, (w) => {
      w.sleep('nap', '10m')
      w.sleepUntil('opening', w.input.at)
      w.waitFor('approval', approved, { where: (data) => gt(data.level, 1), timeout: '2d' })
      w.waitFor('own', approved, { name: text`approved-${w.input.file}`, timeout: '2d' })
      w.watch('file', { glob: text`inbox/${w.input.file}`, minCount: 2, every: '10s' }, { timeout: '1d' })
      w.emit('tell', approved, { by: w.thisRun.id, level: 2 }, { to: w.input.file })
      w.assert('right', gt(w.input.at, 'a'), { message: text`${w.input.at} is wrong` })
    })
    const { schema } = approved
    expect(stepsOf(built)).toEqual([
      { id: 'nap', sleep: '10m' },
      { id: 'opening', sleepUntil: '${{ input.at }}' },
      { id: 'approval', waitFor: { signal: 'approved', if: 'data.level > 1', schema }, timeout: '2d' },
      { id: 'own', waitFor: { signal: 'approved-${{ input.file }}', schema }, timeout: '2d' },
      { id: 'file', watch: { glob: 'inbox/${{ input.file }}', minCount: 2, every: '10s' }, timeout: '1d' },
      { id: 'tell', emit: { signal: 'approved', data: { by: '${{ run.id }}', level: 2 }, to: '${{ input.file }}' } },
      { id: 'right', assert: 'input.at > "a"', message: '${{ input.at }} is wrong' },
    ])
  })

  test('ends', () => {
    const built = defineWorkflow('w', { input: { known: z.boolean() }, output: { how: z.string() } }, (w) => {
      w.if('shortcut', w.input.known, (w) => w.return('done', { how: 'at once' }))
      return w.return('end', { how: 'by work' })
    })
    expect(stepsOf(built)).toEqual([
      { id: 'shortcut', if: 'input.known', do: [{ id: 'done', return: { how: 'at once' } }] },
      { id: 'end', return: { how: 'by work' } },
    ])
    expect(built.definition.output).toEqual({ how: { type: 'string' } })
  })

  test('other workflows, which come along with their handlers', () => {
    const built = defineWorkflow('w', { output: { total: z.number(), run: z.string() } }, (w) => {
      const one = w.call('one', price, { net: 1 })
      const two = w.start('two', price, { net: one.gross, rate: 0.1 }, { wait: false, detached: true })
      return { total: one.gross, run: two.runId }
    })
    expect(stepsOf(built)).toEqual([
      { id: 'one', call: 'netPrice', with: { net: 1 } },
      {
        id: 'two',
        start: 'netPrice',
        with: { net: '${{ steps.one.output.gross }}', rate: 0.1 },
        wait: false,
        detached: true,
      },
    ])
    expect(built.definition.imports).toEqual({ netPrice: price.definition })
    expect(Object.keys(built.handlers)).toEqual(['book'])
    expect(Object.keys(built.callSites)).toContain('/imports/netPrice/steps/0')
  })
})

test('two handlers of one name in a workflow are refused', () => {
  const other = defineHandler({ name: 'book' }, () => null)
  expect(() =>
    defineWorkflow('w', {}, (w) => {
      w.call('one', price, { net: 1 })
      w.step('two', other)
    }),
  ).toThrow(
    expect.objectContaining({
      code: 'HANDLER_CONFLICT',
      message: 'The workflow has two different handlers that are called "book"',
    }),
  )
})

describe('a run of a workflow in TypeScript', () => {
  const verdict = defineQuestion({ choices: ['approve', 'reject'] })
  const address = defineQuestion({ form: { town: z.string(), country: z.string().default('Austria') } })
  const order = defineWorkflow(
    'order',
    { signals: { approved }, output: { by: z.string(), verdict: z.string(), to: z.string() } },
    (w) => {
      const { by } = w.waitFor('approval', w.signals.approved, { timeout: '1d' })
      const { choice } = w.ask('verdict', verdict, { title: 'Well?' }, { timeout: '1d' })
      const { form } = w.ask('address', address, { title: 'Where to?' }, { timeout: '1d' })
      return { by, verdict: choice, to: text`${form.town}, ${form.country}` }
    },
  )

  test('takes its signals by name or as they are defined, and answers to its questions', async () => {
    await using engine = createEngine()
    const asked = (at: string): Promise<void> =>
      new Promise((resolve) => {
        engine.on('task.asked', ({ path }) => {
          if (path === at) resolve()
        })
      })
    const [first, second] = [asked('verdict'), asked('address')]
    const run = await engine.start(order)
    await run.signal('approved', { by: 'Ada', level: 2 }, { id: 'one' })
    expect(await run.signal(approved, { by: 'Ada', level: 2 }, { id: 'one' })).toBe('duplicate')
    await first
    for (const task of await run.tasks(verdict)) await run.answer(task, { choice: 'approve' })
    await second
    expect(await run.tasks(verdict)).toEqual([])
    const [task] = await engine.run(run.id, order).tasks(address)
    expect(task?.title).toBe('Where to?')
    if (task !== undefined) await run.answer(task, { form: { town: 'Graz' } })
    expect(await run.output()).toEqual({ by: 'Ada', verdict: 'approve', to: 'Graz, Austria' })
  })
})
