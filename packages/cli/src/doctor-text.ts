import type { HandlerContract } from '@segno/core'
import type { Screen } from './common-options.ts'
import type { DoctorReport, FoundWorkflow, Problem } from './doctor-report.ts'
import type { FoundShell } from './doctor-shells.ts'
import type { FoundStore } from './doctor-store.ts'
import { printable, type Look } from './screen/terminal.ts'

/** The report in words: a line for each thing that is there, and what is wrong at the end. */
export function doctorText(report: DoctorReport, { look, mode, cwd }: Pick<Screen, 'look' | 'mode' | 'cwd'>): string {
  const { problems } = report
  const lines =
    mode === 'quiet' ? [] : [`segno ${report.segno} ${look.glyphs.dot} ${cwd}`, ...thereLines(report, look), '']
  if (problems.length > 0) lines.push(...problems.flatMap((problem) => problemLines(problem, look)))
  else if (mode !== 'quiet') lines.push(look.paint('green', 'all is well'))
  return lines.map((line) => `${line}\n`).join('')
}

type State = 'good' | 'bad' | 'absent'

const nameWidth = 10

function thereLines(report: DoctorReport, look: Look): readonly string[] {
  const { node, timeZones, config, store, adapters, problems } = report
  const has = (code: string): boolean => problems.some((problem) => problem.code === code)
  const row = (state: State, name: string, words: string): string =>
    `${sign(state, look)} ${name.padEnd(nameWidth)}  ${words}`.trimEnd()
  const configState = config !== undefined ? 'good' : has('CONFIG_FAILED') || has('CONFIG_INVALID') ? 'bad' : 'absent'
  const shellWords = adapters.shell === 'none' ? 'none on this system' : origin(adapters.shell, 'this machine')
  return [
    row('good', 'Node.js', `${node.version}, needed ${node.needed}`),
    row(has('TIME_ZONES_MISSING') ? 'bad' : 'good', 'time zones', timeZones ?? ''),
    row(configState, 'config', config?.file ?? (configState === 'bad' ? 'it cannot be loaded' : 'no segno.config')),
    ...(store === undefined ? [] : [row(store.flaw === undefined ? 'good' : 'bad', 'store', storeWords(store, look))]),
    row(adapters.shell === 'none' ? 'absent' : 'good', 'processes', shellWords),
    ...report.shells.map((shell) =>
      row(shell.program === undefined ? 'absent' : 'good', shell.shell, programWords(shell)),
    ),
    row('good', 'files', origin(adapters.files, 'the working folder')),
    row('good', 'http', origin(adapters.http, 'this machine')),
    row('good', 'secrets', origin(adapters.secrets, 'the environment')),
    ...report.plugins.flatMap(({ name, version, description, handlers }) => [
      row(
        'good',
        'plugin',
        [`${name} ${version}`, ...(description === undefined ? [] : [printable(description)])].join(
          ` ${look.glyphs.dash} `,
        ),
      ),
      ...handlerLines(handlers, look),
    ]),
    ...(report.handlers.length === 0
      ? []
      : [row('good', 'handlers', 'of segno.config'), ...handlerLines(report.handlers, look)]),
    row(...workflowRow(report.workflows)),
  ]
}

function sign(state: State, { glyphs, paint }: Look): string {
  switch (state) {
    case 'good':
      return paint('green', glyphs.status.completed)
    case 'bad':
      return paint('red', glyphs.status.failed)
    case 'absent':
      return paint('dim', glyphs.dash)
    default:
      return state satisfies never
  }
}

function origin(from: 'segno.config' | 'segno', own: string): string {
  return from === 'segno' ? own : 'of segno.config'
}

const durabilityWords = {
  none: 'kept in memory',
  process: 'survives a crash of the process',
  power: 'survives a loss of power',
} as const satisfies Record<FoundStore['durability'], string>

function storeWords({ kind, path, exists, durability, flaw }: FoundStore, { glyphs }: Look): string {
  if (flaw !== undefined) return flaw
  const where = {
    files: path ?? '',
    sqlite: path ?? '',
    postgres: path ?? '',
    memory: 'memory',
    config: 'the storage of segno.config',
  }[kind]
  return [where, durabilityWords[durability], ...(exists === false ? ['made by the first run'] : [])].join(
    ` ${glyphs.dot} `,
  )
}

function programWords({ program, version, flaw }: FoundShell): string {
  return program === undefined ? (flaw ?? '') : [program, ...(version === undefined ? [] : [version])].join('  ')
}

function handlerLines(handlers: readonly HandlerContract[], { glyphs }: Look): readonly string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...handlers.map((one) => cells(one)[column]?.length ?? 0)))
  return handlers.map((one) => {
    const sides = (['input', 'output'] as const).flatMap((side) =>
      one[side] !== undefined ? [side] : one.untold?.[side] === undefined ? [] : [`${side} without a JSON Schema`],
    )
    const text = cells(one).map((cell, column) => cell.padEnd(widths[column] ?? 0))
    return `    ${text.join('  ')}  ${sides.join(` ${glyphs.dot} `)}`.trimEnd()
  })
}

function cells({ name, version, effect }: HandlerContract): readonly string[] {
  return [name, version, effect]
}

function workflowRow(workflows: readonly FoundWorkflow[]): readonly [State, string, string] {
  if (workflows.length === 0) return ['absent', 'workflows', 'no *.segno.yaml below this folder']
  const bad = workflows.filter(({ errors = 0 }) => errors > 0).length
  const unknown = workflows.filter(({ errors }) => errors === undefined).length
  const words = [
    ...(bad === 0 ? [] : [`${bad} with errors`]),
    ...(unknown === 0 ? [] : [`${unknown} not checked`]),
    ...(bad + unknown === 0 ? ['all valid'] : []),
  ]
  return [bad + unknown === 0 ? 'good' : 'bad', 'workflows', `${workflows.length}, ${words.join(', ')}`]
}

function problemLines({ code, message, hint }: Problem, { paint }: Look): readonly string[] {
  const hints = hint === undefined ? [] : hint.split('\n').map((line) => `  ${line}`.trimEnd())
  return [`${paint('red', `error[${code}]`)} ${message}`, ...hints]
}
