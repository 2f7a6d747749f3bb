import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, matchesGlob } from 'node:path'
import { nodeHttp } from '@segno/adapters/http'
import { nodeShell } from '@segno/adapters/shell'
import type { Http } from '@segno/core'
import { virtualClock } from '@segno/core/testing'
import {
  createEngine,
  isTerminal,
  memoryStorage,
  type Files,
  type HandlerContext,
  type JsonObject,
  type RunEvent,
  type RunHandle,
  type RunResult,
  type Workflow,
} from 'segno'
import type { Claim, Happening } from './claim.ts'

/** The handlers that examples use. */
export const handlers = {
  echo: (_: HandlerContext, input: unknown): unknown => input,
  reject: (_: HandlerContext, { code, retryable = false }: { code: string; retryable?: boolean }): never => {
    throw Object.assign(new Error(`rejected: ${code}`), { code, retryable })
  },
  unsteady: ({ attempt }: HandlerContext, { succeedsOn }: { succeedsOn: number }): void => {
    if (attempt < succeedsOn) throw Object.assign(new Error('not yet'), { code: 'UNSTEADY' })
  },
  hang: ({ signal }: HandlerContext): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    }),
  key: ({ idempotencyKey }: HandlerContext): string => idempotencyKey,
}

/** What came of a run. */
interface Told {
  readonly ends: string
  readonly with: unknown
  readonly emits: Claim['emits']
  readonly takesBack: Claim['takesBack']
  readonly tookMs: number
}

const dayMs = 86_400_000

/** Plays a run in virtual time up to its end, or for ten days, with what the claim says that happens to it. */
export async function play(workflow: Workflow, { input, happenings }: Claim): Promise<Told> {
  const clock = virtualClock()
  const storage = memoryStorage({ now: () => clock.now() })
  const world = { clock, present: [] as string[] }
  await using engine = createEngine({ clock, storage, handlers, files: filesOf(world.present) })
  const run = await engine.start(workflow, input)
  const startedAt = clock.now()
  for (const happening of happenings) {
    await clock.advanceTo(startedAt + happening.afterMs)
    await bring(run, happening, world.present)
  }
  for (let day = 0; day < 10 && !isTerminal(await run.status()); day++) await clock.advanceBy(dayMs)
  return await toldOf(run)
}

async function bring(run: RunHandle, happening: Happening, present: string[]): Promise<void> {
  switch (happening.kind) {
    case 'signal':
      await run.signal(happening.name, happening.data)
      return
    case 'answer': {
      const { by, to, said } = happening
      const task = (await run.tasks()).find(({ path }) => path === to)
      if (task === undefined) throw new Error(`nothing is asked at ${to}`)
      await run.answer(task, said.startsWith('{') ? { form: JSON.parse(said) as JsonObject } : { choice: said }, { by })
      return
    }
    case 'file':
      present.push(happening.path)
      return
    case 'cancel':
      return await run.cancel()
    default:
      happening satisfies never
  }
}

function filesOf(present: readonly string[]): Files {
  return {
    kind: (path) => Promise.resolve(present.includes(path) ? 'file' : 'missing'),
    glob: (pattern) => Promise.resolve(present.filter((path) => matchesGlob(path, pattern))),
  }
}

/** Plays a run with real processes and requests, which take real time. */
export async function playForReal(workflow: Workflow, { input }: Claim): Promise<Told> {
  const root = await mkdtemp(join(tmpdir(), 'segno-language-'))
  try {
    const workspace = join(root, 'workspace')
    await mkdir(workspace)
    const evidence = { folder: (...parts: (string | number)[]) => join(root, ...parts.map(String)) }
    const shell = nodeShell({ workspace, evidence })
    const secrets = { get: (name: string) => Promise.resolve(`value-of-${name}`) }
    await using server = await echoServer()
    await using engine = createEngine({ handlers, shell, secrets, http: server.http })
    const run = await engine.start(workflow, input)
    await run.result()
    return await toldOf(run)
  } finally {
    await rm(root, { recursive: true })
  }
}

const example = 'https://api.example.com'

/**
 * A server that stands for `https://api.example.com` and echoes what it is asked: below
 * `/missing` with 404, and below `/busy` with 503 the first time.
 */
async function echoServer(): Promise<AsyncDisposable & { readonly http: Http }> {
  const seen = new Set<string>()
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const body: unknown = headers['content-type'] === 'application/json' ? JSON.parse(text) : text
      response.statusCode = url.startsWith('/missing') ? 404 : url.startsWith('/busy') && !seen.has(url) ? 503 : 200
      seen.add(url)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ method, path: url, headers, body }))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const real = nodeHttp()
  return {
    http: {
      request: (request, context) => real.request({ ...request, url: request.url.replace(example, origin) }, context),
    },
    async [Symbol.asyncDispose]() {
      await real.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

async function toldOf(run: RunHandle): Promise<Told> {
  const { status, updatedAt, createdAt } = await run.row()
  const events = await journalOf(run)
  const ended = isTerminal(status)
    ? endOf(await run.result())
    : { ends: `is ${status}`, with: events.map(blockedBy).findLast((code) => code !== undefined) }
  return {
    ...ended,
    emits: events.flatMap((event) =>
      event.type === 'signal.emitted' ? [{ name: event.name, data: event.data ?? null }] : [],
    ),
    takesBack: events.flatMap((event) =>
      event.type === 'step.completed' && event.path.endsWith('.undo') ? [event.path.slice(0, -'.undo'.length)] : [],
    ),
    tookMs: updatedAt - createdAt,
  }
}

function endOf(result: RunResult): Pick<Told, 'ends' | 'with'> {
  switch (result.status) {
    case 'completed':
      return { ends: 'completes', with: result.output }
    case 'failed':
      return { ends: 'fails', with: result.failure.code }
    case 'cancelled':
      return { ends: 'is cancelled', with: undefined }
    default:
      return result satisfies never
  }
}

// All that there is: a run that is not at its end would tell more later.
async function journalOf(run: RunHandle): Promise<RunEvent[]> {
  const { head } = await run.row()
  const events: RunEvent[] = []
  for await (const event of run.events()) {
    events.push(event)
    if (event.seq >= head) break
  }
  return events
}

function blockedBy(event: RunEvent): string | undefined {
  if (event.type === 'run.blocked') return event.because.code
  return event.type === 'step.blocked' ? event.failure.code : undefined
}
