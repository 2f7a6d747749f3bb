import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from '../samples.ts'
import type { Measure } from '../task.ts'

const rounds = 10
const folder = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

/** What is imported: to run a plan that is already checked; everything; and for comparison, the schema library that the latter has in it. */
const imports = {
  importCoreMs: ['@segno/core'],
  importAllMs: ['segno', '@segno/schema'],
  importZodMs: ['zod'],
}

/** W5: `import()` in a process that has just begun, beside what bare Node takes. */
export const measure: Measure = async () => {
  const times = new Map(Object.keys(imports).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, modules] of Object.entries(imports)) times.get(name)?.push(await importMs(modules))
  }
  return Object.fromEntries([...times].map(([name, samples]) => [name, median(samples)]))
}

async function importMs(modules: readonly string[]): Promise<number> {
  const calls = modules.map((module) => `await import(${JSON.stringify(module)})`).join('; ')
  const code = `const start = performance.now(); ${calls}; process.stdout.write(String(performance.now() - start))`
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
  return Number(stdout)
}
