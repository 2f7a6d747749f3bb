import { pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'
import { diagnosticCodes, type Diagnostic, type Fix, type Range } from '@segno/schema'
import { explanationOf } from './explain/explanation.ts'
import type { Checked } from './check-file.ts'
import { version } from './version.ts'

/** What was found in files as SARIF 2.1.0, which code hosts and editors show at the lines that it is about. */
export function sarifLog(checked: readonly Checked[]): object {
  const results = checked.flatMap(({ file, diagnostics }) =>
    diagnostics.map((diagnostic) => ({ diagnostic, file: diagnostic.file ?? file.shown })),
  )
  const codes = [...new Set(results.map(({ diagnostic }) => diagnostic.code))].toSorted()
  const files = [...new Set([...checked.map(({ file }) => file.shown), ...results.map(({ file }) => file)])]
  const driver = { name: 'segno', version, semanticVersion: version, rules: codes.map(ruleOf) }
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: true }],
        artifacts: files.map((file) => ({ location: locationOf(file), roles: ['analysisTarget'] })),
        results: results.map(({ diagnostic, file }) => resultOf(diagnostic, { file, codes, files })),
      },
    ],
  }
}

function ruleOf(code: Diagnostic['code']): object {
  const explanation = explanationOf(code, 'diagnostic')
  const { means = diagnosticCodes[code], why, what = '', severity = 'error' } = explanation ?? {}
  const help = [...(why === undefined ? [] : [why]), what].join(' ')
  return {
    id: code,
    shortDescription: { text: diagnosticCodes[code] },
    fullDescription: { text: means },
    help: {
      text: `${help}\nsegno explain ${code} tells more.`,
      markdown: `${help}\n\n\`segno explain ${code}\` tells more.`,
    },
    defaultConfiguration: { level: severity },
  }
}

interface ResultPlace {
  readonly file: string
  readonly codes: readonly Diagnostic['code'][]
  readonly files: readonly string[]
}

function resultOf(diagnostic: Diagnostic, { file, codes, files }: ResultPlace): object {
  const { code, severity, range, pointer, related = [], fixes = [] } = diagnostic
  const physical = (path: string, place: Range | undefined): object => ({
    artifactLocation: { ...locationOf(path), ...(files.includes(path) && { index: files.indexOf(path) }) },
    ...(place && { region: regionOf(place) }),
  })
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: wordsOf(diagnostic) },
    locations: [
      {
        physicalLocation: physical(file, range),
        logicalLocations: [{ fullyQualifiedName: pointer === '' ? '/' : pointer }],
      },
    ],
    ...(related.length > 0 && {
      relatedLocations: related.map((place, id) => ({
        id,
        message: { text: place.message },
        physicalLocation: physical(place.file ?? file, place.range),
      })),
    }),
    ...(fixes.length > 0 && { fixes: fixes.map((fix) => fixOf(fix, file)) }),
  }
}

/** All that a diagnostic says, in one text. */
export function wordsOf({ message, hint, expected, found }: Diagnostic): string {
  const kinds = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
  ]
  const rest = kinds.filter((words) => !message.includes(words.replace(/^\w+ /, '')))
  return [message, ...(rest.length === 0 ? [] : [rest.join(', ')]), ...(hint === undefined ? [] : [hint])].join('; ')
}

function fixOf({ title, edits }: Fix, file: string): object {
  const replacements = edits.map(({ range, newText }) => ({
    deletedRegion: regionOf(range),
    ...(newText !== '' && { insertedContent: { text: newText } }),
  }))
  return { description: { text: title }, artifactChanges: [{ artifactLocation: locationOf(file), replacements }] }
}

function regionOf({ start, end }: Range): object {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column }
}

// A path is relative to the folder in which the command worked, as code hosts want it.
function locationOf(file: string): { readonly uri: string; readonly uriBaseId?: string } {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href }
  const uri = file.split(/[\\/]/).map(encodeURIComponent).join('/')
  return { uri, uriBaseId: '%SRCROOT%' }
}
