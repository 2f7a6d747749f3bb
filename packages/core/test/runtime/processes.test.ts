import type { Definition, Json } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Secrets } from '../../src/ports/secrets.ts'
import type { Command, CommandContext, CommandResult, Shell } from '../../src/ports/shell.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { expectLawful, journalOf, world } from './world.ts'

const token = 'tok-3nB7qz-0199'

function shellOf(run: (command: Command, context: CommandContext) => CommandResult): Shell & { ran: Command[] } {
  const ran: Command[] = []
  return {
    ran,
    run: async (command, context) => {
      ran.push(command)
      return run(command, context)
    },
  }
}

const quiet = (): Shell & { ran: Command[] } => shellOf(() => ({ exitCode: 0 }))

function secretsOf(values: Readonly<Record<string, string>>): Secrets {
  return { get: async (name) => values[name] }
}

const workflow = (steps: readonly Json[], more: object = {}): Definition =>
  ({ segno: 1, name: 'processes', ...more, steps }) as unknown as Definition

describe('a process', () => {
  test('gets its arguments, variables, folder and script, and its exit code is recorded', async () => {
    const here = world()
    const shell = quiet()
    await using engine = here.engine({ shell })
    const definition = workflow(
      [
        {
          id: 'outside',
          env: { A: 1, B: 'outer' },
          workspace: { cwd: 'sub' },
          do: [
            { id: 'list', exec: ['ls', '-l', '${{ input.n }}', '${{ input.text }}'], env: { B: true } },
            { id: 'script', run: 'echo "$A"\necho "$B"', shell: 'bash', output: { from: 'lines', maxSize: '2KiB' } },
          ],
        },
        { id: 'last', exec: ['true'] },
        { id: 'told', set: { code: '${{ steps.last.exitCode }}' } },
      ],
      { input: { n: { type: 'integer' }, text: { type: 'string' } } },
    )
    const text = '$(id) "quoted"\nsecond line'
    await here.resultOf(engine, definition, { n: 7, text })
    expect(shell.ran).toEqual([
      { program: { argv: ['ls', '-l', '7', text] }, env: { A: '1', B: 'true' }, cwd: 'sub' },
      {
        program: { script: 'echo "$A"\necho "$B"', shell: 'bash' },
        env: { A: '1', B: 'outer' },
        cwd: 'sub',
        output: { from: 'lines', maxBytes: 2048 },
      },
      { program: { argv: ['true'] }, env: {} },
    ])
    const { runs } = await engine.list()
    const journal = await journalOf(here.storage, runs[0]?.runId ?? '')
    expect(journal.flatMap((event) => (event.type === 'step.completed' ? [[event.path, event.exitCode]] : []))).toEqual(
      [
        ['outside/list', 0],
        ['outside/script', 0],
        ['outside', undefined],
        ['last', 0],
        ['told', undefined],
      ],
    )
    expect(journal.at(-2)).toMatchObject({ path: 'told', output: { code: 0 } })
  })

  test('cannot be started by an engine without a shell: not at the start, and not after a crash', async () => {
    const here = world()
    const definition = workflow([{ id: 'list', exec: ['ls'] }])
    const without = here.engine()
    await expect(without.start(definition)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    const first = here.engine({ shell: { run: () => new Promise(() => undefined) } })
    const run = await first.start(definition)
    await settled()
    await here.inTime(first.close())
    await without.recover()
    await settled()
    expect(await without.run(run.id).status()).toBe('blocked')
    const blocked = (await journalOf(here.storage, run.id)).at(-1)
    expect(blocked).toMatchObject({ type: 'step.blocked', path: 'list', failure: { code: 'HANDLER_MISSING' } })
    await here.inTime(without.close())
    await using again = here.engine({ shell: quiet() })
    await again.run(run.id).retry()
    await again.recover()
    expect((await here.inTime(again.run(run.id).result())).status).toBe('completed')
  })

  test('keeps its exit code where its output is of no use', async () => {
    const here = world()
    const shell = shellOf(() => ({ exitCode: 0, output: 'seven' }))
    await using engine = here.engine({ shell })
    const output = { from: 'json', schema: { type: 'integer' } }
    const failure = await here.failureOf(engine, workflow([{ id: 'count', exec: ['count'], output }]))
    expect(failure).toMatchObject({ code: 'OUTPUT_INVALID', details: { exitCode: 0 } })
  })

  test('has 15 minutes, unless it says otherwise', async () => {
    const here = world()
    await using engine = here.engine({ shell: quiet() })
    for (const [step, minutes] of [
      [{ exec: ['ls'] }, 15],
      [{ run: 'ls' }, 15],
      [{ exec: ['ls'], timeout: '2m' }, 2],
    ] as const) {
      const run = await engine.start(workflow([{ id: 'work', ...step }] as unknown as Json[]))
      await here.inTime(run.result())
      const started = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'attempt.started')
      expect(started).toMatchObject({ deadline: (started?.at ?? 0) + minutes * 60_000 })
    }
  })

  test('cannot lend its name to a handler', () => {
    expect(() => world().engine({ handlers: { exec: () => 1 } })).toThrow('a verb of the language')
  })
})

describe('a secret', () => {
  const environment = { DEPLOY_TOKEN: token }
  const definition = workflow(
    [
      {
        id: 'deploy',
        exec: ['deploy', '${{ input.note }}'],
        env: {
          TOKEN: '${{ secrets.DEPLOY_TOKEN }}',
          HEADER: 'Bearer ${{ secrets.DEPLOY_TOKEN }}',
          NOTE: '${{ input.note }}',
        },
        output: { from: 'stdout' },
      },
    ],
    { input: { note: { type: 'string' } }, secrets: ['DEPLOY_TOKEN'] },
  )

  test('goes where it was written, and nowhere that data says', async () => {
    const here = world()
    const shell = quiet()
    await using engine = here.engine({ shell, secrets: secretsOf(environment) })
    const note = 'secret://DEPLOY_TOKEN'
    await here.resultOf(engine, definition, { note })
    expect(shell.ran[0]?.env).toEqual({ TOKEN: token, HEADER: `Bearer ${token}`, NOTE: note })
    expect(shell.ran[0]?.program).toEqual({ argv: ['deploy', note] })
  })

  test('is in no journal, log, failure or output', async () => {
    const here = world()
    const shell = shellOf(({ env }, { log, attempt }) => {
      log(`logging in with ${env['TOKEN']}`, { header: env['HEADER'] ?? '' })
      if (attempt === 2) return { exitCode: 0, output: `done with ${env['TOKEN']}` }
      const cause = new Error(`base64 ${btoa(env['TOKEN'] ?? '')}`)
      throw Object.assign(new Error(`refused ${env['TOKEN']}`, { cause }), {
        code: 'EXIT_CODE',
        details: { exitCode: 1, stderrTail: `bad token ${env['TOKEN']}` },
      })
    })
    await using engine = here.engine({ shell, secrets: secretsOf(environment) })
    const [step] = definition.steps
    const retried = workflow([{ ...(step as object), retry: { max: 1 } }], {
      input: definition.input,
      secrets: definition.secrets,
    })
    const run = await engine.start(retried, { note: 'none' })
    expect((await here.inTime(run.result())).status).toBe('completed')
    const journal = await journalOf(here.storage, run.id)
    const text = JSON.stringify([journal, here.logged])
    expect(text).not.toContain(token)
    expect(text).not.toContain(btoa(token))
    expect(text).toContain('done with ***')
    expect(text).toContain('bad token ***')
    expect(journal.find(({ type }) => type === 'attempt.started')).toMatchObject({
      input: { env: { TOKEN: 'secret://DEPLOY_TOKEN', HEADER: 'Bearer secret://DEPLOY_TOKEN' } },
    })
    await expectLawful(here.storage, run.id)
  })

  test('that the host does not have lets nothing start', async () => {
    const here = world()
    for (const secrets of [undefined, secretsOf({}), secretsOf({ DEPLOY_TOKEN: '' })]) {
      await using engine = here.engine({ shell: quiet(), ...(secrets === undefined ? {} : { secrets }) })
      await expect(engine.start(definition, { note: 'none' })).rejects.toMatchObject({
        code: 'SECRET_MISSING',
        details: ['DEPLOY_TOKEN'],
      })
    }
    expect((await here.storage.list({}, { limit: 1 })).runs).toEqual([])
  })

  test('that is gone, or too short to be masked, blocks its step until there is one', async () => {
    for (const [value, code] of [
      [undefined, 'SECRET_MISSING'],
      ['short', 'SECRET_UNMASKABLE'],
    ] as const) {
      const here = world()
      const values: Record<string, string> = { DEPLOY_TOKEN: token }
      const shell = quiet()
      await using engine = here.engine({
        shell,
        secrets: { get: async (name) => values[name] },
      })
      const waiting = workflow([{ id: 'rest', sleep: '1m' }, ...(definition.steps as unknown as Json[])], {
        input: definition.input,
        secrets: definition.secrets,
      })
      const run = await engine.start(waiting, { note: 'none' })
      await settled()
      if (value === undefined) delete values['DEPLOY_TOKEN']
      else values['DEPLOY_TOKEN'] = value
      await here.clock.advanceBy(61_000)
      await settled()
      expect(await run.status()).toBe('blocked')
      expect((await journalOf(here.storage, run.id)).at(-1)).toMatchObject({ type: 'step.blocked', failure: { code } })
      expect(shell.ran).toEqual([])
      values['DEPLOY_TOKEN'] = token
      await run.retry()
      expect((await here.inTime(run.result())).status).toBe('completed')
    }
  })

  test('reaches a handler that its step lists it for, and no other', async () => {
    const here = world()
    const seen: unknown[] = []
    await using engine = here.engine({
      secrets: secretsOf({ A: 'a-value-of-a', B: 'b-value-of-b' }),
      handlers: {
        work: async ({ secrets }, input: Json) => {
          seen.push(await secrets.get('A'), input)
          await secrets.get('B')
        },
      },
    })
    const steps = [
      {
        id: 'outside',
        secrets: ['A'],
        do: [{ id: 'work', uses: 'work', with: { list: [{ key: '${{ secrets.B }}' }], plain: 1 } }],
      },
    ]
    const failure = await here.failureOf(engine, workflow(steps, { secrets: ['A', 'B'] }))
    expect(seen).toEqual(['a-value-of-a', { list: [{ key: 'b-value-of-b' }], plain: 1 }])
    expect(failure).toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('"B"') })
  })
})

describe('a process that is told to stop', () => {
  test('fails with why it was, and with how it ended', async () => {
    const here = world()
    // It needs longer than a handler may take: TERM, 5 s, KILL, and a look at what is left.
    const shell: Shell = {
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          const details = { signal: 'SIGKILL', stderrTail: 'still here', evidence: 'steps/work/attempt-1' }
          const killed = Object.assign(new Error('stopped'), { code: 'TIMED_OUT', retryable: true, details })
          signal.addEventListener('abort', () => here.clock.schedule(6000, () => reject(killed)))
        }),
    }
    await using engine = here.engine({ shell })
    const failure = await here.failureOf(engine, workflow([{ id: 'work', exec: ['stubborn'], timeout: '1s' }]))
    expect(failure).toMatchObject({
      code: 'TIMEOUT',
      details: { signal: 'SIGKILL', stderrTail: 'still here', evidence: 'steps/work/attempt-1' },
    })
  })
})
