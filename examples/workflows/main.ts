import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nodeFiles } from '@segno/adapters/files'
import { nodeHttp } from '@segno/adapters/http'
import { createEngine, environmentSecrets, fileStorage, nodeShell, SegnoError } from 'segno'
import type { Json, JsonObject, RunEvent, RunHandle } from 'segno'
import { folderOf, loadNamed, type Handlers } from './load-named.ts'
import { troubled } from './troubled.ts'

const usage = `npm start -w @segno-examples/workflows -- <name> [-i name=value]… [--answer step=value]…
  [--signal name=json]… [--trouble path=CODE,CODE]… [--run id]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    input: { type: 'string', short: 'i', multiple: true, default: [] },
    answer: { type: 'string', multiple: true, default: [] },
    signal: { type: 'string', multiple: true, default: [] },
    trouble: { type: 'string', multiple: true, default: [] },
    run: { type: 'string' },
  },
})
const [name] = positionals
if (name === undefined || !existsSync(join(folderOf(name), `${name}.segno.yaml`))) throw new Error(usage)

const troubles = Object.fromEntries(pairs(values.trouble).map(([path, codes]) => [path, codes.split(',')]))
const handlers = troubled(await handlersOf(name), troubles)
const workflow = loadNamed(name, handlers)
const workspace = folderOf(name)
const storage = fileStorage({ dir: join(import.meta.dirname, '.segno') })
// Some workflows take the address of a server as an input, and the servers to try them with run on this machine.
const http = nodeHttp({ allowPrivate: ['127.0.0.1'] })
const engine = createEngine({
  ...{ storage, handlers, http },
  files: nodeFiles({ root: workspace }),
  shell: nodeShell({ workspace, evidence: storage.evidence }),
  secrets: environmentSecrets(),
})

const answers = pairs(values.answer)
try {
  const run = await startOrGoOn()
  for (const [signal, data] of pairs(values.signal)) await run.signal(signal, read(data))
  for await (const event of run.events()) await tell(event)
  console.log(JSON.stringify(await run.result(), null, 2))
} catch (error) {
  if (!SegnoError.is(error)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 2
} finally {
  await engine.close()
  await storage.close()
  await http.close()
}

/** Without `--run` a new one; with it one that waits, or that another terminal has at work. */
async function startOrGoOn(): Promise<RunHandle> {
  if (values.run === undefined) return engine.start(workflow, inputOf(values.input))
  await engine.recover({ runIds: [values.run] })
  return engine.run(values.run)
}

async function handlersOf(folder: string): Promise<Handlers> {
  const file = join(folderOf(folder), 'handlers.ts')
  if (!existsSync(file)) return {}
  const module = (await import(file)) as { readonly handlers: () => Handlers }
  return module.handlers()
}

async function tell(event: RunEvent): Promise<void> {
  const line = lineOf(event)
  if (line !== undefined) console.log(`${new Date(event.at).toTimeString().slice(0, 8)} ${line}`)
  if (event.type === 'task.asked') await answer(event)
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'attempt.started':
      return `${event.path} started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`
    case 'step.completed':
      return `${event.path} completed${event.output === undefined ? '' : ` ${JSON.stringify(event.output)}`}`
    case 'attempt.failed':
    case 'step.failed':
      return `${event.path} failed ${event.failure.code}: ${event.failure.message}`
    case 'step.skipped':
      return `${event.path} skipped`
    case 'state.entered':
      return `${event.path} is ${event.state}`
    case 'signal.emitted':
      return `${event.path} says ${event.name} ${JSON.stringify(event.data ?? null)}`
    case 'signal.ignored':
      return `ignored ${event.because.code}: ${event.because.message ?? ''}`
    default:
      return undefined
  }
}

/** Answers from the flags, once; else tells how to. */
async function answer(event: Extract<RunEvent, { readonly type: 'task.asked' }>): Promise<void> {
  const { runId, path, hash, title, body, choices, form } = event
  const step = path.slice(path.lastIndexOf('/') + 1)
  const given = answers.find(([asked]) => asked === path || asked === step)?.[1]
  if (given !== undefined) {
    const said = form === undefined ? { choice: given } : { form: read(given) as JsonObject }
    await engine.run(runId).answer({ path, hash }, said, { by: 'command line', id: `${path}:${hash}:${given}` })
    return
  }
  console.log(`  ${title}${body === undefined ? '' : `\n  ${body.replaceAll('\n', '\n  ')}`}`)
  const fields = Object.keys(form ?? {}).map((field) => `"${field}": …`)
  const how = choices?.join('|') ?? `'{ ${fields.join(', ')} }'`
  console.log(`  to answer, here after Ctrl-C or in another terminal: … ${name} --run ${runId} --answer ${path}=${how}`)
}

function inputOf(given: readonly string[]): JsonObject {
  return Object.fromEntries(pairs(given).map(([key, value]) => [key, read(value)]))
}

function pairs(given: readonly string[]): (readonly [string, string])[] {
  return given.map((text) => {
    const at = text.indexOf('=')
    return at < 0 ? [text, 'null'] : [text.slice(0, at), text.slice(at + 1)]
  })
}

/** JSON where it is JSON, else the text itself. */
function read(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
