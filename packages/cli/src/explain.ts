import { CommandError } from './command-error.ts'
import { commonScreen, type CommonOptions, type Screen } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { explanations, explanationsOf, nearestCode, type CodeKind, type Explanation } from './explain/explanation.ts'

/** Tells what a code means, why it comes and what to do; all codes where none is given. */
export function explainCommand(code: string | undefined, options: CommonOptions): ExitCode {
  const screen = commonScreen(options, process.stdout)
  const found = code === undefined ? explanations : explanationsOf(code)
  if (found.length === 0) throw unknownCode(code ?? '')
  const text = code === undefined ? listText(screen) : found.map((one) => explanationText(one, screen)).join('\n')
  process.stdout.write(screen.json ? `${JSON.stringify({ v: 1, codes: found }, null, 2)}\n` : text)
  return exitCodes.ok
}

function unknownCode(code: string): CommandError {
  const near = nearestCode(code)
  const hint = near === undefined ? 'segno explain lists all codes' : `did you mean segno explain ${near}?`
  return new CommandError({ code: 'USAGE', message: `there is no code "${code}"`, hint })
}

const headings: Readonly<Record<CodeKind, string>> = {
  diagnostic: 'Diagnostics: mistakes in a definition',
  failure: 'Failures: what went wrong in a run',
  error: 'Errors: thrown by calls',
  'storage fault': 'Storage faults: what a storage rejects with',
  command: 'Command: mistakes in using the command',
}

function listText({ look }: Pick<Screen, 'look'>): string {
  const wide = Math.max(...explanations.map(({ code }) => code.length))
  return Object.entries(headings)
    .map(([kind, heading]) => {
      const own = explanations.filter((explanation) => explanation.kind === kind)
      const rows = own.map(({ code, means }) => `  ${code.padEnd(wide)}  ${means}\n`).join('')
      return `${look.paint('bold', heading)}\n${rows}`
    })
    .join('\n')
}

function explanationText(explanation: Explanation, { look }: Pick<Screen, 'look'>): string {
  const { code, kind, severity, means, why, what, example } = explanation
  const { paint } = look
  const style = severity === 'warning' ? 'yellow' : 'red'
  const is = severity === 'warning' ? 'a diagnostic, a warning' : kinds[kind]
  const parts = [`${paint(style, code)}  ${paint('dim', is)}\n`, `${means}\n`]
  if (why !== undefined) parts.push(`${paint('bold', 'Why it happens')}\n${indented(why)}`)
  parts.push(`${paint('bold', 'What to do')}\n${indented(what)}`)
  if (example) {
    parts.push(`${paint('red', 'Wrong')}\n${indented(example.wrong)}`)
    parts.push(`${paint('green', 'Right')}\n${indented(example.right)}`)
  }
  return parts.join('\n')
}

const kinds: Readonly<Record<CodeKind, string>> = {
  diagnostic: 'a diagnostic',
  failure: 'a failure of a run or a step',
  error: 'an error that a call throws',
  'storage fault': 'a fault of a storage',
  command: 'a mistake in using the command',
}

function indented(text: string): string {
  return `${text.trimEnd()}\n`.replace(/^(?=.)/gm, '  ')
}
