/**
 * Checks one generated program and prints what that took as JSON. Run as a process
 * of its own: `node measure.ts empty`, or `node measure.ts 100` for so many steps.
 */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { emptySource, workflowSource } from './workflow-source.ts'

/** What it took to check a program. */
export interface TypeCost {
  readonly instantiations: number
  readonly types: number
  /** The processor's time, not the clock's: what else the machine does is not counted. */
  readonly seconds: number
  /** The most that the process held. */
  readonly megabytes: number
  /** What the compiler says of the program: nothing, or the generator is wrong. */
  readonly mistakes: readonly string[]
}

// It stands beside this file for the compiler alone.
const file = fileURLToPath(new URL('generated.ts', import.meta.url))

function measure(source: string): TypeCost {
  const before = process.cpuUsage()
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.getSourceFile = (path, languageVersion, ...rest) =>
    path === file ? ts.createSourceFile(path, source, languageVersion) : getSourceFile(path, languageVersion, ...rest)
  const program = ts.createProgram([file], options, host)
  const found = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics(program.getSourceFile(file))]
  const { user, system } = process.cpuUsage(before)
  return {
    instantiations: program.getInstantiationCount(),
    types: program.getTypeCount(),
    seconds: (user + system) / 1_000_000,
    megabytes: process.resourceUsage().maxRSS / 1024,
    mistakes: found.map(({ messageText, start = 0 }) => {
      const line = source.slice(0, start).split('\n').length
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    }),
  }
}

function compilerOptions(): ts.CompilerOptions {
  const path = fileURLToPath(new URL('../../../../tsconfig.base.json', import.meta.url))
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as { readonly config: unknown }
  const { options, errors } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    fileURLToPath(new URL('.', import.meta.url)),
  )
  const [error] = errors.filter(({ code }) => code !== noInputs)
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  return options
}

// That the folder of the options has no files of its own is no mistake.
const noInputs = 18_003

const [what = 'empty'] = process.argv.slice(2)
process.stdout.write(JSON.stringify(measure(what === 'empty' ? emptySource : workflowSource(Number(what)))))
