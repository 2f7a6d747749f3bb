import { describe, expect, test } from 'vitest'
import { openEditor } from './editor.ts'

const editor = openEditor()

/** A workflow whose only step has an id and these lines, from line 5 on. */
const step = (lines: string): string =>
  `segno: 1\nname: test\nsteps:\n  - id: work\n${lines.replace(/^(?=.)/gm, '    ')}\n`

/** A workflow with these lines in its head, from line 3 on. */
const head = (lines: string): string => `segno: 1\nname: test\n${lines}\nsteps: [{ id: work, set: {} }]\n`

const verbs =
  'uses, exec, run, agent, http, call, start, set, assert, sleep, sleepUntil, waitFor, ask, watch, emit, do, if, match, parallel, forEach, repeat, try, states, return, fail'
const noVerb = `The step has no verb. The verbs are ${verbs}.`
const name = 'Expected a name such as draft_1 (a letter, then letters, digits and _; at most 64).'
const duration = 'Expected a duration such as 10m.'

describe('an editor underlines, in the head of a workflow,', () => {
  test.for<[what: string, text: string, ...told: string[]]>([
    ['a version that is missing', 'name: test\nsteps: [{ id: work, set: {} }]', '1: Missing property "segno".'],
    [
      'another version of the language',
      'segno: 2\nname: a\nsteps: [{ id: a, set: {} }]',
      '1: Expected 1, the version of the language.',
    ],
    ['a key that is misspelt', head('finaly: []'), '3: Property finaly is not allowed.'],
    ['a number for a version', head('version: 1.2'), '3: Expected a version such as "1.2.0".'],
    ['no steps', 'segno: 1\nname: test\nsteps: []', '3: Array has too few items. Expected 1 or more.'],
    ['steps that are no list', 'segno: 1\nname: test\nsteps:\n  a: 1', '4: Expected a list of steps.'],
    [
      'a step that is no map',
      'segno: 1\nname: test\nsteps:\n  - build',
      '4: Expected a step: a map with an id and one verb.',
    ],
    ['an input that is no schema', head('input:\n  to: string'), '4: Expected a map such as { type: … }.'],
    [
      'an unknown type',
      head('input:\n  to: { type: text }'),
      '4: Expected a type: string, number, integer, boolean, object, array, null or path.',
    ],
    [
      'an unknown keyword',
      head('input:\n  to:\n    type: string\n    minLenght: 1'),
      '6: Property minLenght is not allowed.',
    ],
    ['a name that is none', head('input:\n  2nd: { type: string }'), `4: ${name}`],
    [
      'an import that is no workflow',
      head('imports:\n  a: review.txt'),
      '4: Expected the path of a workflow such as ./library/review.yaml.',
    ],
    ['a secret that is there twice', head('secrets: [A, A]'), '3: Array has duplicate items.'],
    [
      'a schedule in words',
      head('on:\n  schedule:\n    - cron: daily'),
      '5: Expected five fields such as 0 6 * * 1-5 (minute, hour, day, month, weekday).',
    ],
    ['a limit in words', head('limits:\n  steps: many'), '4: Expected a whole number from 1.'],
  ])('%s', async ([, text, ...told]) => {
    expect(await editor.problems(text)).toEqual(told)
  })
})

describe('an editor underlines, in a step,', () => {
  test.for<[what: string, text: string, ...told: string[]]>([
    ['a key that is misspelt', 'uses: a\ntimout: 5m', '6: Property timout is not allowed.'],
    [
      'two verbs, at the second',
      'uses: a\nexec: [a]',
      '6: A step has one verb, and the verb of this one is "uses" already.',
    ],
    ['a verb that is misspelt', 'use: a', '5: Property use is not allowed.', `4: ${noVerb}`],
    ['no verb', 'title: Work', `4: ${noVerb}`],
    ['an if without a do', 'if: input.x\nelse: []', `4: ${noVerb}`],
    [
      'a verb in the place of a handler',
      'uses: exec',
      '5: Expected the name of a handler such as send-mail or send-mail@2, and not that of a verb.',
    ],
    ['a number without a unit', 'uses: a\ntimeout: 5', `6: ${duration}`],
    ['a duration in words', 'sleep: a while', `5: ${duration}`],
    ['retries without their map', 'uses: a\nretry: 3', '6: Expected a map such as { max: … }.'],
    ['retries without their number', 'uses: a\nretry:\n  delay: 1s', '6: Missing property "max".'],
    [
      'two mistakes at once',
      'uses: a\nretry:\n  max: many\n  backof: constant',
      '7: Expected a whole number, 0 or more.',
      '8: Property backof is not allowed.',
    ],
    ['a value that is none of those there are', 'uses: a\nonFailure: ignore', '6: Expected fail, continue or block.'],
    ['a command as one text', 'exec: npm test', '5: Expected a list of arguments such as ["npm", "test"].'],
    ['an output without its map', 'exec: [a]\noutput: stdout', '6: Expected a map such as { from: … }.'],
    ['an output from no file', 'exec: [a]\noutput:\n  from: file', '6: Missing property "path".'],
    [
      'the path of what is printed',
      'exec: [a]\noutput:\n  from: json\n  path: a',
      '8: "path" has a meaning with "from: file" and "from: files" only.',
    ],
    ['a shell that there is not', 'run: a\nshell: zsh', '6: Expected sh, bash, python, node.'],
    ['a request without its map', 'http: https://example.com', '5: Expected a map such as { url: … }.'],
    [
      'a method and a URL',
      'http:\n  method: GTE\n  url: ftp://a',
      '6: Expected GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
      '7: Expected a URL such as https://api.example.com/orders.',
    ],
    ['a question without an answer', 'ask: { title: Really? }', '5: A question takes either "choices" or a "form".'],
    [
      'a question with one choice',
      'ask:\n  title: Really?\n  choices: [yes]',
      '7: Array has too few items. Expected 2 or more.',
    ],
    ['an instant in words', 'sleepUntil: tomorrow', '5: Expected an instant such as 2026-01-31T06:00:00Z.'],
    ['a signal without its map', 'waitFor: approved', '5: Expected a map such as { signal: … }.'],
    [
      'a path that leads outside',
      'watch:\n  glob: ../inbox/*',
      '6: Expected a pattern inside of the workspace such as inbox/*.json, without "..".',
    ],
    [
      'an undo that is no work',
      'uses: a\nundo:\n  set: {}',
      '7: Property set is not allowed.',
      '6: An undo is one step of work or a call: uses, exec, run, http, call.',
    ],
    ['a condition of an undo', 'uses: a\nundo:\n  uses: b\n  if: true', '8: Property if is not allowed.'],
    ['a key of another verb', 'call: review\nenv: { A: 1 }', '6: Property env is not allowed.'],
  ])('%s', async ([, text, ...told]) => {
    expect(await editor.problems(step(text))).toEqual(told)
  })
})

describe('an editor underlines, in a block,', () => {
  test.for<[what: string, text: string, ...told: string[]]>([
    ['one step in the place of a list', 'do: { id: a, set: {} }', '5: Expected a list of steps.'],
    ['a key of a step inside', 'do:\n  - id: a\n    set: {}\n    tiemout: 5m', '8: Property tiemout is not allowed.'],
    ['a loop over nothing', 'forEach: { as: 1 }\ndo: []', '5: Missing property "in".', `5: ${name}`],
    ['a loop without a body', 'forEach: { in: input.items }', '4: Missing property "do".'],
    ['a loop that runs no time', 'repeat: { max: 0, until: true }\ndo: []', '5: Value is below the minimum of 1.'],
    [
      'a bound in words',
      'repeat: { max: many, until: true }\ndo: []',
      '5: Expected a whole number from 1, or an expression in ${{ }}.',
    ],
    ['a join that there is not', 'parallel: []\njoin: most', '6: Expected all, any or { atLeast: 2 }.'],
    [
      'a clause by another word',
      'try: []\ncatch:\n  - code: [TIMEOUT]\n    do: []',
      '7: Property code is not allowed.',
    ],
    [
      'a clause that stands alone',
      'try: []\ncatch: { do: [] }',
      '6: Expected a list of clauses such as { on: [TIMEOUT], do: [] }.',
    ],
    ['cases that are a list', 'match: input.x\ncases: [a]', '6: Expected a map of cases, each a list of steps.'],
    ['no states', 'states: {}\ninitial: a', '5: Object has fewer properties than the required number of 1'],
    [
      'a transition without its map',
      'states:\n  a:\n    on: { b: a }\ninitial: a',
      '7: Expected where to go, such as { to: published }.',
    ],
    [
      'three mistakes in a state',
      'states:\n  a:\n    on:\n      b: { too: a }\n    after: { soon: { to: a } }\n    nxt: []\ninitial: a',
      ...['8: Missing property "to".', '8: Property too is not allowed.', `9: ${duration}`],
      '10: Property nxt is not allowed.',
    ],
  ])('%s', async ([, text, ...told]) => {
    expect(await editor.problems(step(text))).toEqual(told)
  })
})
