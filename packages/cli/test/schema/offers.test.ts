import { loadWorkflow } from 'segno'
import { describe, expect, test } from 'vitest'
import { cursor, openEditor } from './editor.ts'

const editor = openEditor()
const steps = `segno: 1\nname: test\nsteps:\n`
const step = (lines: string): string => `${steps}  - id: work\n${lines.replace(/^(?=.)/gm, '    ')}`
const labels = async (marked: string): Promise<readonly string[]> =>
  (await editor.offers(marked)).map(({ label }) => label)

const verbs = [
  ...['uses', 'exec', 'run', 'agent', 'http', 'call', 'start', 'set', 'assert', 'sleep', 'sleepUntil', 'waitFor'],
  ...['ask', 'watch', 'emit', 'match', 'parallel', 'forEach', 'repeat', 'try', 'states', 'return', 'fail', 'do'],
]

describe('an editor offers', () => {
  test.for<[what: string, marked: string, ...offered: string[]]>([
    ['the keys of a workflow', `segno: 1\n${cursor}`, 'name', 'input', 'steps', 'finally', 'imports'],
    ['the verbs in a new step', `${steps}  - ${cursor}`, 'id', ...verbs],
    ['the verbs in a step that has an id', step(cursor), 'if', 'title', ...verbs],
    ['the verbs in a step inside a block', step(`do:\n  - ${cursor}`), 'id', ...verbs],
    ['the keys of a verb', step(`uses: send\n${cursor}`), 'with', 'output', 'timeout', 'retry', 'undo', 'onFailure'],
    ['the keys of retries', step(`uses: send\nretry:\n  ${cursor}`), 'max', 'delay', 'backoff', 'jitter', 'on'],
    ['the keys of a request', step(`http:\n  ${cursor}`), 'method', 'url', 'headers', 'query', 'body'],
    ['the keys of a state', step(`initial: a\nstates:\n  a:\n    ${cursor}`), 'do', 'on', 'after', 'next'],
    [
      'the keys of a transition',
      step(`initial: a\nstates:\n  a:\n    on:\n      b:\n        ${cursor}`),
      'to',
      'if',
      'schema',
    ],
    ['the keys of a clause', step(`try: []\ncatch:\n  - ${cursor}`), 'on', 'as', 'do'],
    [
      'what takes a step back',
      step(`uses: send\nundo:\n  ${cursor}`),
      'uses',
      'exec',
      'run',
      'http',
      'call',
      'timeout',
    ],
    ['the keywords of an input', `segno: 1\ninput:\n  to:\n    ${cursor}`, 'type', 'default', 'optional', 'under'],
    ['the types of an input', `segno: 1\ninput:\n  to:\n    type: ${cursor}`, 'string', 'integer', 'path'],
    ['values', step(`uses: send\nonFailure: ${cursor}`), 'fail', 'continue', 'block'],
    ['values that stand beside a map', step(`parallel: []\njoin: ${cursor}`), 'all', 'any'],
    ['where an output comes from', step(`exec: [a]\noutput:\n  from: ${cursor}`), 'stdout', 'json', 'files'],
    ['true and false', step(`uses: send\nretry:\n  max: 1\n  jitter: ${cursor}`), 'true', 'false'],
    ['durations', step(`uses: send\ntimeout: ${cursor}`), '10s', '5m', '1h30m'],
  ])('%s', async ([, marked, ...offered]) => {
    expect(await labels(marked)).toEqual(expect.arrayContaining(offered))
  })

  test('no key that another verb has', async () => {
    const offered = await labels(step(`uses: send\n${cursor}`))
    for (const key of ['shell', 'env', 'do', 'exec', 'choices']) expect(offered).not.toContain(key)
  })

  test('each with what it means', async () => {
    const items = await editor.offers(step(cursor))
    expect(items.find(({ label }) => label === 'waitFor')?.documentation).toBe(
      'Waits for a signal, which may have arrived before. Gives its data.',
    )
    const values = await editor.offers(step(`uses: send\nonFailure: ${cursor}`))
    expect(values.map(({ documentation }) => documentation)).toEqual([
      'It fails the list.',
      'The list goes on; the step has failed and has no output.',
      'The run waits for an operator, and keeps everything.',
    ])
  })
})

describe('a snippet writes', () => {
  // What it takes as its example is not there yet.
  const expected = ['UNKNOWN_INPUT', 'UNKNOWN_AGENT', 'UNKNOWN_IMPORT', 'RETURN_OUTPUTS']
  const places = [
    ['as a new step', `${steps}  - ${cursor}`],
    ['in a step that has an id', step(cursor)],
    ['as a step inside a block', step(`do:\n  - ${cursor}`)],
  ] as const

  test.for(places.flatMap(([where, marked]) => [...verbs, 'if'].map((verb) => [verb, where, marked] as const)))(
    'a step with %s %s',
    async ([verb, , marked]) => {
      const text = `${await editor.taken(marked, `${verb} step`)}\n`
      expect(await editor.problems(text)).toEqual([])
      const { diagnostics } = loadWorkflow(text)
      expect(diagnostics.filter(({ code }) => !expected.includes(code))).toEqual([])
      expect(text).toMatch(new RegExp(`^ +${verb}:`, 'm'))
    },
  )

  test('a workflow', async () => {
    const text = `${await editor.taken(cursor, 'workflow')}\n`
    expect(await editor.problems(text)).toEqual([])
    expect(loadWorkflow(text).diagnostics).toEqual([])
  })
})

describe('an editor shows', () => {
  test.for<[what: string, marked: string, says: string]>([
    ['a key of the workflow', `segno: 1\nf${cursor}inally: []`, 'Steps that run once when the steps have completed'],
    ['a verb', step(`u${cursor}ses: send`), 'Calls a handler of the host, by its name.'],
    ['a verb inside a block', step(`do:\n  - id: b\n    ${cursor}sleep: 1s`), 'Waits for so long.'],
    ['a modifier', step(`uses: send\nt${cursor}imeout: 5m`), 'Time limit of one attempt, or of a wait.'],
    ['a key of a verb', step(`exec: [a]\no${cursor}utput: { from: json }`), 'What the process gives'],
    [
      'the same key of another verb',
      step(`http: { url: https://a }\no${cursor}utput: { schema: true }`),
      'What the body that is answered has to be.',
    ],
    ['a key of a modifier', step(`uses: send\nretry:\n  m${cursor}ax: 1`), 'Retries after the first attempt.'],
    ['a value', step(`uses: send\neffect: o${cursor}nce`), '`once`: Never twice: the step is blocked'],
    ['a transition', step(`initial: a\nstates:\n  a:\n    after:\n      1d: { t${cursor}o: a }`), 'Name of a state'],
    ['an undo', step(`uses: send\nundo: { c${cursor}all: a }`), 'Runs another workflow in the same run'],
    [
      'a keyword of a schema',
      `segno: 1\ninput:\n  a: { type: path, u${cursor}nder: docs }`,
      'the folder that the path lies in',
    ],
  ])('%s', async ([, marked, says]) => {
    expect(await editor.shown(marked)).toContain(says)
  })
})
