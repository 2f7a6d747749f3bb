import { userInfo } from 'node:os'
import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { runIdIn, segno, startSegno } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'publish.segno.yaml': `
segno: 1
name: publish
input: { tag: { type: string } }
output: { said: { value: "\${{ steps.approve.output }}" } }
steps:
  - id: approve
    ask:
      title: "Publish \${{ input.tag }}?"
      body: |
        All checks have passed.
        It cannot be taken back.
      choices: [publish, leave]
      assignees: [ada, bo]
      subject: { tag: "\${{ input.tag }}", files: 3 }
    timeout: 2d
`,
  'form.segno.yaml': `
segno: 1
name: form
output: { said: { value: "\${{ steps.plan.output.form }}" } }
steps:
  - id: plan
    ask:
      title: When?
      form:
        day: { type: string, format: date, description: the day of the move }
        people: { type: integer, default: 2 }
        by: { enum: [rail, road] }
        note: { type: string, optional: true }
`,
  'two.segno.yaml': `
segno: 1
name: two
steps:
  - id: both
    parallel:
      - { id: one, ask: { title: One?, choices: ["yes", "no"] } }
      - { id: other, ask: { title: Other?, choices: ["yes", "no"] } }
`,
  'asks.segno.yaml': `
segno: 1
name: asks
imports: { two: ./two.segno.yaml }
steps: [{ id: sub, start: two }]
`,
  'done.segno.yaml': 'segno: 1\nname: done\nsteps: [{ id: a, set: {} }]\n',
  'wait.segno.yaml': 'segno: 1\nname: wait\nsteps: [{ id: wait, waitFor: { signal: go } }]\n',
}

const folder = caseFolders('answer', files)

const runPublish = 'run publish.segno.yaml -i tag=v1'

/** A run that asks, and whose process has let go of it. */
async function asking(cwd: string, words = runPublish): Promise<string> {
  return runIdIn(await segno(words, { cwd, signals: [['waiting    for an answer', 'SIGINT']] }))
}

function steady(text: string): string {
  return text
    .replace(/(run|sub)_\w+/g, '$1_1')
    .replace(/\d+[smh] ago/g, '1s ago')
    .replace(/\d{4}-\d\d-\d\d \S+, in \S+/, 'day, in 2d')
    .replace(/\b[0-9a-f]{12}\b/, 'hash')
}

describe.concurrent('segno answer', { timeout: 90_000 }, () => {
  test('shows what is asked, and how to answer', async ({ expect }) => {
    const cwd = folder()
    const runId = await asking(cwd)
    const { code, stdout, stderr } = await segno(`answer ${runId}`, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "approve  Publish v1?

        All checks have passed.
        It cannot be taken back.

        {
          "tag": "v1",
          "files": 3
        }

        choices   publish, leave
        for       ada, bo
        asked     1s ago
        deadline  day, in 2d
        hash      hash
        answer    segno answer run_1 approve --choice publish
      "
    `)
    const json = await segno(`answer ${runId} approve --format json`, { cwd })
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ v: 1, runId },
      tasks: [
        {
          runId,
          path: 'approve',
          choices: ['publish', 'leave'],
          hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      ],
    })
  })

  test('keeps an answer until somebody takes the run up, and says how', async ({ expect }) => {
    const cwd = folder()
    const runId = await asking(cwd)
    const sent = await segno(`answer ${runId} --choice publish --comment fine`, { cwd })
    expect(sent).toEqual({
      ...{ code: 0, stdout: '' },
      stderr: `${runId}: the answer to approve is kept; nobody has taken it in yet\n  take it in  segno resume ${runId}\n`,
    })
    const { code, stdout } = await segno('resume --all -o json', { cwd })
    const step = JSON.parse((await segno('show @last approve -o json', { cwd })).stdout) as object
    expect(step).toMatchObject({
      ...{ kind: 'ask', status: 'completed', attempts: [{ attempt: 1, outcome: 'completed' }] },
      ...{ input: { title: 'Publish v1?', choices: ['publish', 'leave'] }, output: { choice: 'publish' } },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [{ output: { said: { choice: 'publish', comment: 'fine', by: userInfo().username } } }],
    })
  })

  test('says that it counts where a process waits with the run, and who it was', async ({ expect }) => {
    const cwd = folder()
    const { ended, printed } = startSegno(runPublish, { cwd })
    await printed('for an answer: Publish v1?  one of publish, leave  at most 48h00m')
    const sent = await segno('answer @last approve --choice publish --by Ada --wait', { cwd })
    expect({ code: sent.code, stderr: sent.stderr }).toEqual({
      ...{ code: 0, stderr: expect.stringMatching(/^run_\w+: approve is answered: publish\n$/) as string },
    })
    const { code, stderr } = await ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/approve {5}answered {3}publish by Ada\n.*approve {5}ok /)
  })

  test('takes a form, each field as its type', async ({ expect }) => {
    const cwd = folder()
    const asked = await segno('run form.segno.yaml', { cwd })
    expect(asked.stderr).toContain('  plan  waiting  for an answer: When?\n')
    expect(asked.stderr).toMatch(/answer it {3}segno answer run_\w+ plan\n/)
    const shown = await segno('answer @last', { cwd })
    expect(shown.stdout).toContain(
      [
        '  form      day: string, required, the day of the move',
        '            people: integer, 2 unless given',
        '            by: one of "rail", "road", required',
        '            note: string, optional',
      ].join('\n'),
    )
    const wrong = await segno('answer @last --form peple=3 --form by=air --form people=x', { cwd })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/error\[INPUT_INVALID\] --form people=x: expected an integer\n/)
    expect(wrong.stderr).toContain('error[INPUT_MISSING] the field "day" is missing\n  add: --form day=<string>')
    expect(wrong.stderr).toContain('error[INPUT_UNKNOWN] there is no field "peple"\n  did you mean "people"?\n')
    expect(wrong.stderr).toMatch(/error\[INPUT_INVALID\] the field "by"/)
    await segno('answer @last --form day=2026-05-01 --form people:=4 --form by=rail', { cwd })
    const { stdout } = await segno('resume @last', { cwd })
    expect(stdout).toBe('said: {"day":"2026-05-01","people":4,"by":"rail"}\n')
  })

  test('of several questions takes the one that is named', async ({ expect }) => {
    const cwd = folder()
    await segno('run two.segno.yaml', { cwd })
    const which = await segno('answer @last --choice yes', { cwd })
    expect(which.code).toBe(2)
    expect(which.stderr).toMatch(
      /^error\[TASK_AMBIGUOUS\] run_\w+ asks 2 questions\n {2}name one of: both\/one, both\/other\n$/,
    )
    expect((await segno('answer @last both/other --choice yes', { cwd })).code).toBe(0)
    const left = await segno('resume @last', { cwd })
    expect(left.code).toBe(4)
    expect((await segno('answer @last -o json', { cwd })).stdout).toContain('"path": "both/one"')
    expect((await segno('answer @last both/other', { cwd })).code).toBe(8)
  })

  test('shows what the runs ask that a run has started', async ({ expect }) => {
    const cwd = folder()
    const { stderr } = await segno('run asks.segno.yaml', { cwd })
    const [sub = ''] = /sub_\w+/.exec(stderr) ?? []
    expect(stderr).toContain(`answer it   segno answer ${sub} both/one\n`)
    const { stdout } = await segno('answer @last', { cwd })
    expect(stdout.match(/segno answer sub_\w+ both\/\w+ --choice yes/g)).toHaveLength(2)
    const none = await segno('answer @last sub --choice yes', { cwd })
    expect(none).toMatchObject({ code: 8, stderr: expect.stringContaining('error[TASK_NOT_FOUND]') as string })
  })

  test('a second one with the same --id is none', async ({ expect }) => {
    const cwd = folder()
    await asking(cwd)
    const [first, second] = [
      await segno('answer @last --choice publish --id a -o json', { cwd }),
      await segno('answer @last --choice publish --id a -o json', { cwd }),
    ]
    expect(JSON.parse(first.stdout)).toMatchObject({ path: 'approve', id: 'a', outcome: 'kept' })
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'duplicate' })
  })

  test.for<readonly [what: string, run: string, words: string, code: number, says: string]>([
    [
      'a choice that is none',
      runPublish,
      '--choice no',
      2,
      'error[ANSWER_INVALID] approve is answered with a choice, and "no" is none',
    ],
    [
      'a form for a choice',
      runPublish,
      '--form a=1',
      2,
      'error[ANSWER_INVALID] approve is answered with a choice, and a form is none',
    ],
    [
      'a choice for a form',
      'run form.segno.yaml',
      '--choice no',
      2,
      'error[ANSWER_INVALID] plan is answered with a form, not with a choice',
    ],
    ['both', runPublish, '--choice no --form a=1', 2, 'error[USAGE] --choice and --form'],
    ['a comment alone', runPublish, '--comment hm', 2, 'error[USAGE] there is no answer to send'],
    [
      'another hash',
      runPublish,
      '--choice publish --hash 0123456789ab',
      7,
      'error[TASK_CHANGED] what is asked at approve has changed: its hash is',
    ],
    ['no hash at all', runPublish, '--choice publish --hash yes', 2, 'error[OPTION_INVALID] --hash yes'],
    [
      'a path where nothing is asked',
      runPublish,
      'elsewhere --choice publish',
      8,
      'error[TASK_NOT_FOUND] nothing is asked at elsewhere in run_',
    ],
    [
      'a run that asks nothing',
      'run wait.segno.yaml',
      '--choice publish',
      8,
      'error[TASK_NOT_FOUND] nothing is asked in run_',
    ],
    ['a run that has ended', 'run done.segno.yaml', '--choice publish', 2, 'error[RUN_CLOSED]'],
  ])('sends nothing for %s', async ([, run, words, code, says], { expect }) => {
    const cwd = folder()
    await asking(cwd, run)
    const { code: ended, stderr } = await segno(`answer @last ${words}`, { cwd })
    expect(stderr).toContain(says)
    expect(ended).toBe(code)
  })
})
