/**
 * Secrets that were told.
 *
 * | test | what was wrong |
 * |---|---|
 * | the secrets of a command … | they were neither checked nor masked |
 * | the value of a secret … | it stood in the state, in files of output and in the log of errors; to declare it changed nothing |
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '@segno/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segno, writeFiles, type Ended } from '../../src/process.fixture.ts'
import { filesBelow, mistakes, openWorld } from './world.ts'

const timeout = 60_000

describe('the secrets of a command', { timeout }, () => {
  const step = 'steps: [{ id: work, exec: [touch, begun], secrets: [TOKEN] }]'

  test.for([
    ['that are not declared', step],
    ['that are misspelled', `secrets: [TOKN]\n${step}`],
    ['among its arguments', 'secrets: [TOKEN]\nsteps: [{ id: work, exec: [echo, "${{ secrets.TOKEN }}"] }]'],
    [
      'in a condition',
      'secrets: [TOKEN]\nsteps: [{ id: work, if: secrets.TOKEN == "a", exec: [pwd], secrets: [TOKEN] }]',
    ],
    ['in its script', 'secrets: [TOKEN]\nsteps: [{ id: work, run: "echo ${{ secrets.TOKEN }}" }]'],
  ] as const)('are a mistake %s', ([, definition]) => {
    expect(mistakes(definition)).not.toEqual([])
  })

  test('refuse the start where the host has no value, and nothing is run', async () => {
    await using world = openWorld({ secrets: { OTHER: 'another one' } })
    await expect(world.start(`secrets: [TOKEN]\n${step}`)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      details: ['TOKEN'],
    })
    expect((await world.engine.list()).runs).toEqual([])
    expect(existsSync(join(world.workspace, 'begun'))).toBe(false)
  })

  test('block the step where a value is too short to be masked, and nothing is run', async () => {
    await using world = openWorld({ secrets: { TOKEN: 'short' } })
    const run = await world.start(`secrets: [TOKEN]\n${step}`)
    let blocked: RunEvent | undefined
    for await (const event of run.events()) {
      blocked = event
      if (event.type === 'step.blocked') break
    }
    expect(blocked).toMatchObject({ failure: { code: 'SECRET_UNMASKABLE' } })
    expect(existsSync(join(world.workspace, 'begun'))).toBe(false)
  })

  test('are given to those that ask for them only, and masked in what they give', async () => {
    await using world = openWorld({ secrets: { TOKEN: 'correct horse' } })
    const { result } = await world.play(`
secrets: [TOKEN]
output: { said: { type: array, value: "\${{ [steps.has.output, steps.given.output, steps.lacks.output] }}" } }
steps:
  - { id: has, run: 'echo "<$TOKEN> \${#TOKEN}"', secrets: [TOKEN], output: { from: stdout } }
  - { id: given, run: 'echo "$AUTH"', env: { AUTH: "Bearer \${{ secrets.TOKEN }}" }, output: { from: stdout } }
  - { id: lacks, run: 'echo "<$TOKEN>"', output: { from: stdout } }`)

    expect(result).toEqual({ status: 'completed', output: { said: ['<***> 13', 'Bearer ***', '<>'] } })
  })
})

describe('the value of a secret', { timeout }, () => {
  const value = 'Zq7/hunter+two=&9"x'
  const bytes = Buffer.from(value)
  const forms = {
    'as it is': value,
    'in base64': bytes.toString('base64'),
    'in base64 for URLs': bytes.toString('base64url'),
    'in hexadecimal': bytes.toString('hex'),
    'in a URL': encodeURIComponent(value),
    'in JSON': JSON.stringify(value).slice(1, -1),
    'in part': 'hunter',
  }
  const folder = mkdtempSync(join(tmpdir(), 'segno-secrets-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const told: Ended[] = []
  let kept: ReadonlyMap<string, string> = new Map()

  beforeAll(async () => {
    writeFiles(folder, {
      'segno.config.mjs': `
        export default {
          handlers: {
            call: (context, { token }) => {
              context.log('sent ' + token, { token })
              throw Object.assign(new Error('refused ' + token), {
                code: 'REFUSED', details: { token, [token]: [token] }, cause: new Error('because of ' + encodeURIComponent(token)),
              })
            },
            answer: async ({ secrets }) => ({ token: await secrets.get('TOKEN') }),
          },
        }`,
      'tells.segno.yaml': `
segno: 1
name: tells
secrets: [TOKEN]
steps:
  - id: print
    secrets: [TOKEN]
    shell: node
    run: |
      const value = process.env.TOKEN
      const bytes = Buffer.from(value)
      const forms = ['base64', 'base64url', 'hex'].map((form) => bytes.toString(form))
      const text = [value, ...forms, encodeURIComponent(value), JSON.stringify({ value })].join('\\n') + '\\n'
      // In one piece, letter by letter, and where one chunk ends and the next begins.
      for (const stream of [process.stdout, process.stderr]) {
        stream.write(text)
        for (const letter of value) await new Promise((done) => stream.write(letter, () => setTimeout(done, 1)))
        stream.write('x'.repeat(65536 - value.length / 2) + text)
      }
    output: { from: stdout }
  - id: file
    run: printf '%s' "$AUTH" > told.txt
    env: { AUTH: "Bearer \${{ secrets.TOKEN }}" }
    output: { from: file, path: told.txt }
  - { id: call, uses: call, with: { token: "\${{ secrets.TOKEN }}" }, retry: { max: 1, delay: 1ms }, onFailure: continue }
  - { id: answer, uses: answer, secrets: [TOKEN] }
  - id: again
    forEach: { in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] }
    do: [{ id: copy, set: { file: "\${{ steps.file.output }}", answer: "\${{ steps.answer.output }}" } }]
  - id: fail
    run: |
      echo "for $TOKEN" >&2
      echo "{ $TOKEN"
      if [ $SEGNO_ATTEMPT = 1 ]; then exit 7; fi
    secrets: [TOKEN]
    output: { from: json }
    retry: { max: 1, delay: 1ms }
    onFailure: block
`,
    })
    const command = async (words: string): Promise<Ended> => {
      const ended = await segno(words, { cwd: folder, env: { TOKEN: value } })
      told.push(ended)
      return ended
    }
    const { stderr } = await command('run tells.segno.yaml --verbose')
    const [runId = ''] = /run_\w+/.exec(stderr) ?? []
    expect(stderr).toContain('sent ***')
    await Promise.all([
      command(`show ${runId} -o json`),
      command(`show ${runId} --events`),
      command(`show ${runId} fail -o json`),
      command(`logs ${runId}`),
      command(`retry ${runId}`),
    ])
    kept = filesBelow(join(folder, '.segno'))
  }, timeout)

  test('is found where it was really told: by the process itself, in the workspace', () => {
    expect(readFileSync(join(folder, 'told.txt'), 'utf8')).toBe(`Bearer ${value}`)
  })

  test('was masked in the journal, the state, the output, the logs, the failures and on the terminal', () => {
    const names = [...kept].filter(([, text]) => text.includes('***')).map(([name]) => name)
    for (const name of [
      'journal/000001.jsonl',
      'state.json',
      'print/attempt-1/stdout.log',
      'fail/attempt-1/stderr.log',
    ]) {
      expect(names).toContainEqual(expect.stringContaining(name))
    }
    expect(names).toContainEqual(expect.stringContaining('blobs/'))
    for (const { code, stdout, stderr } of told) {
      expect([0, 4]).toContain(code)
      expect(stdout + stderr).toContain('***')
    }
  })

  test.for(Object.entries(forms))(
    'stands nowhere %s: not in a file of the store, and not on the terminal',
    ([, form]) => {
      const places = [...kept].filter(([, text]) => text.includes(form)).map(([name]) => name)
      const lines = told.flatMap(({ stdout, stderr }) => `${stdout}\n${stderr}`.split('\n'))
      expect(places).toEqual([])
      expect(lines.filter((line) => line.includes(form))).toEqual([])
    },
  )
})
