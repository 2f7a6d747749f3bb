import { describe, expect, test } from 'vitest'
import { loadDefinition } from '../load.ts'

const head = {
  segno: 1,
  name: 'test',
  input: { brief: { type: 'path' }, text: { type: 'string' } },
  agents: { writer: { provider: 'p' } },
  artifacts: { design: { path: 'docs/design.md' } },
}

/** Codes, places and hints of a workflow with these steps. */
function told(steps: readonly object[], more: object = {}): string[] {
  const { diagnostics } = loadDefinition({ ...head, steps, ...more })
  return diagnostics.map(({ code, pointer, hint }) => `${code} ${pointer}: ${hint}`)
}

describe('an agent', () => {
  const turn = (more: object = {}): object => ({ id: 'a', agent: 'writer', prompt: 'Write', ...more })

  test.for<[string, object, string]>([
    ['a turn', turn({ agent: 'writre' }), '/steps/0/agent'],
    ['a candidate', turn({ candidates: [{ agent: 'writer' }, { agent: 'writre' }] }), '/steps/0/candidates/1/agent'],
    ['a judge', turn({ judge: { agent: 'writre', prompt: 'Judge' } }), '/steps/0/judge/agent'],
    ['a check', { id: 'a', uses: 'h', check: { by: { agent: 'writre' } } }, '/steps/0/check/by/agent'],
  ])('is declared, or else it is told which was meant: %s', ([, step, pointer]) => {
    expect(told([step])).toEqual([`UNKNOWN_AGENT ${pointer}: did you mean "writer"?`])
  })

  test('is told with those that there are, or with how to declare it', () => {
    expect(told([turn({ agent: 'x' })])).toEqual(['UNKNOWN_AGENT /steps/0/agent: the agents are writer'])
    expect(told([turn({ agent: 'x' })], { agents: {} })).toEqual([
      'UNKNOWN_AGENT /steps/0/agent: add agents: { x: { provider: … } } to the workflow',
    ])
  })

  test('has the expressions of its prompts read, and not the file of one', () => {
    const steps = [
      turn({ prompt: '${{ no1 }}' }),
      { ...turn({ prompt: { text: '${{ no2 }}' } }), id: 'b' },
      {
        ...turn({ prompt: { file: '${{ no }}' }, candidates: [{ agent: 'writer', prompt: '${{ no3 }}' }] }),
        id: 'c',
        judge: { agent: 'writer', prompt: { text: '${{ no4 }}' } },
        session: { resume: 'steps.a.session + no5' },
      },
    ]
    expect(told(steps).map((line) => line.split(':')[0])).toEqual([
      'UNKNOWN_VARIABLE /steps/0/prompt',
      'UNKNOWN_VARIABLE /steps/1/prompt/text',
      'UNKNOWN_VARIABLE /steps/2/session/resume',
      'UNKNOWN_VARIABLE /steps/2/candidates/0/prompt',
      'UNKNOWN_VARIABLE /steps/2/judge/prompt/text',
    ])
  })

  test('alone has a session', () => {
    const steps = [turn(), { id: 'b', set: { x: '${{ steps.a.session }}', y: '${{ steps.b2.session }}' } }]
    expect(told([{ id: 'b2', set: {} }, ...steps])).toEqual([expect.stringContaining('UNKNOWN_FIELD /steps/2/set/y')])
  })
})

describe('what judges a step', () => {
  test('reads it, which nothing else of it does', () => {
    const check = {
      by: 'steps.a.output.ok',
      pass: 'steps.a.output.score > 1',
      onFail: { redo: { max: 1, with: '${{ steps.a.output }}' } },
    }
    expect(told([{ id: 'a', uses: 'h', check }])).toEqual([])
    expect(told([{ id: 'a', uses: 'h', check, with: '${{ steps.a.output }}' }])).toHaveLength(1)
  })

  test('has its expressions read', () => {
    const steps = [
      { id: 'a', uses: 'h', check: { by: { exec: ['x', '${{ no1 }}'] }, pass: 'no2' } },
      { id: 'b', uses: 'h', check: { by: { agent: 'writer', prompt: '${{ no3 }}' } } },
    ]
    expect(told(steps).map((line) => line.split(':')[0])).toEqual([
      'UNKNOWN_VARIABLE /steps/0/check/by/exec/1',
      'UNKNOWN_VARIABLE /steps/0/check/pass',
      'UNKNOWN_VARIABLE /steps/1/check/by/prompt',
    ])
  })
})

describe('an artifact', () => {
  const step = (more: object): object => ({ id: 'a', uses: 'h', ...more })

  test('is declared, or is a path that the workflow is given', () => {
    expect(told([step({ produces: { design: {} }, consumes: ['design', 'brief'] })])).toEqual([])
    expect(told([step({ consumes: { design: {}, brief: { into: 'path' } } })])).toEqual([])
  })

  test.for<[object, string]>([
    [{ produces: { desing: {} } }, '/steps/0/produces/desing: did you mean "design"?'],
    [{ consumes: ['brief', 'desing'] }, '/steps/0/consumes/1: did you mean "design"?'],
    [{ consumes: { breif: {} } }, '/steps/0/consumes/breif: did you mean "brief"?'],
    [{ consumes: ['text'] }, '/steps/0/consumes/0: add artifacts: { text: { path: … } } to the workflow'],
    [{ produces: { brief: {} } }, '/steps/0/produces/brief: add artifacts: { brief: { path: … } } to the workflow'],
  ])('is nothing else: %j', ([more, expected]) => {
    expect(told([step(more)])).toEqual([`UNKNOWN_ARTIFACT ${expected}`])
  })

  test('has a name that expressions could read, and a schema that says nothing of what is there', () => {
    const artifacts = { null: { path: 'a' }, b: { path: 'b', schema: { type: 'path', mustExist: true } } }
    expect(told([step({})], { artifacts }).map((line) => line.split(':')[0])).toEqual([
      'RESERVED_NAME /artifacts/null',
      'MISPLACED_PATH_RULE /artifacts/b/schema/mustExist',
    ])
  })
})
