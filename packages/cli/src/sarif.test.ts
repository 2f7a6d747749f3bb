import { readFileSync } from 'node:fs'
import { Validator, type Schema } from '@cfworker/json-schema'
import { loadWorkflow } from 'segno'
import { describe, expect, test } from 'vitest'
import { sarifLog } from './sarif.ts'

// The schema of the standard, as it is kept in its list of schemas.
const schemaFile = import.meta.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
const schema = JSON.parse(readFileSync(new URL(schemaFile), 'utf8')) as Schema
const standard = new Validator(schema, '4', false)

const child = 'segno: 1\nname: child\ninput: { text: { type: string } }\nsteps: [{ id: a, set: {}, titel: x }]\n'

const files: Readonly<Record<string, string>> = {
  'valid.segno.yaml': 'segno: 1\nname: valid\nsteps: [{ id: a, set: {} }]\n',
  'sub folder/ü.segno.yaml': `segno: 1
name: main
imports: { child: ../child.yaml }
secrets: [A, B]
steps:
  - { id: a, exec: [x, "${'${{ [1] }}'}"] }
  - { id: A, call: child }
  - { id: wait, waitFor: { signal: go } }
  - { id: show, set: { x: "${'${{ steps.a.output }}'}" } }
`,
  '/absolute/syntax.segno.yaml': 'segno: 1\nname: [',
}

const log = sarifLog(
  Object.entries(files).map(([shown, text]) => {
    const { workflow, diagnostics } = loadWorkflow(text, { file: shown, read: () => child })
    return { file: { path: shown, shown, text }, valid: workflow !== undefined, diagnostics }
  }),
) as Log

/** As much of the format as is looked at here. */
interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly artifacts: readonly { readonly location: { readonly uri: string } }[]
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: object; readonly region: object }
      }[]
      readonly relatedLocations?: readonly object[]
      readonly fixes?: readonly object[]
    }[]
  }[]
}

const [run] = log.runs

describe('the SARIF of what was found', () => {
  test('fits the schema of SARIF 2.1.0', () => {
    expect(standard.validate(log).errors).toEqual([])
    expect(standard.validate({ ...log, runs: [{ ...run, columnKind: 'bytes' }] }).valid).toBe(false)
  })

  test('of nothing fits it too', () => {
    expect(standard.validate(sarifLog([])).errors).toEqual([])
  })

  test('has each rule once, and names it in each result', () => {
    const rules = run?.tool.driver.rules.map(({ id }) => id) ?? []
    expect(rules).toEqual([...new Set(rules)])
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]).toBe(ruleId)
  })

  test('has a place from the folder of the command, with columns as editors count them', () => {
    const found = run?.results.find(({ ruleId }) => ruleId === 'DUPLICATE_ID')
    expect(found?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'sub%20folder/%C3%BC.segno.yaml', uriBaseId: '%SRCROOT%', index: 1 },
      region: { startLine: 7, startColumn: 11, endLine: 7, endColumn: 12 },
    })
    expect(found?.relatedLocations).toMatchObject([{ physicalLocation: { region: { startLine: 6 } } }])
    expect(run?.artifacts.map(({ location }) => location.uri)).toContain('file:///absolute/syntax.segno.yaml')
  })

  test('has fixes as pieces of the file that are replaced', () => {
    const found = run?.results.find(({ ruleId }) => ruleId === 'OUTPUT_NOT_DECLARED')
    const place = { startLine: 6, startColumn: 37, endLine: 6, endColumn: 37 }
    expect(found?.fixes).toMatchObject([
      {
        description: { text: 'give "a" the output that it prints' },
        artifactChanges: [
          { replacements: [{ deletedRegion: place, insertedContent: { text: ', output: { from: stdout }' } }] },
        ],
      },
    ])
  })

  test('says of a warning that it is one', () => {
    expect(run?.results.find(({ ruleId }) => ruleId === 'WAIT_WITHOUT_END')?.level).toBe('warning')
  })
})
