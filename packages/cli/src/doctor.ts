import { commonScreen, type StoreCommandOptions } from './common-options.ts'
import { examine } from './doctor-report.ts'
import { doctorText } from './doctor-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'

/** The options of `segno doctor`, as commander gives them. */
export interface DoctorOptions extends StoreCommandOptions {
  readonly format?: 'text' | 'json'
}

/** Tells what is there for runs in this folder, and what is wrong with it. The report is the result, so it goes to stdout. */
export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stdout)
  const report = await examine(options, screen.cwd)
  const isJson = (options.format ?? (screen.json ? 'json' : 'text')) === 'json'
  process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : doctorText(report, screen))
  return report.problems.length === 0 ? exitCodes.ok : exitCodes.runFailed
}
