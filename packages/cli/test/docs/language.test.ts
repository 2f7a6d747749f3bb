import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeShell } from '@segno/adapters/shell'
import { virtualClock } from '@segno/core/testing'
import {
  createEngine,
  formatDiagnostics,
  isTerminal,
  loadWorkflow,
  memoryStorage,
  parseDuration,
  type HandlerContext,
  type JsonObject,
  type RunResult,
  type Workflow,
} from 'segno'
import { describe, expect, test } from 'vitest'
import { readPage, root, rowsOf, sectionOf, type Block } from './page.ts'

const page = readPage('docs/05-language.md')

const handlers = {
  echo: (_: HandlerContext, input: unknown) => input,
  reject: (_: HandlerContext, { code, retryable = false }: { code: string; retryable?: boolean }) => {
    throw Object.assign(new Error(`rejected: ${code}`), { code, retryable })
  },
  unsteady: ({ attempt }: HandlerContext, { succeedsOn }: { succeedsOn: number }) => {
    if (attempt < succeedsOn) throw Object.assign(new Error('not yet'), { code: 'UNSTEADY' })
  },
  hang: ({ signal }: HandlerContext) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    }),
}

/** A line below an example: what is given to a run, and what comes of it. */
interface Claim {
  readonly line: string
  readonly input: JsonObject
  readonly signal?: { readonly name: string; readonly data: JsonObject }
  readonly cancelAfter?: string
  readonly ends: string
  readonly with?: string
  readonly after?: string
}

const examples = page.blocks.filter(({ language }) => language === 'yaml')
const claims = examples.flatMap((block) => claimsOf(block).map((claim) => ({ block, claim })))

describe('an example of the language page', () => {
  test.for(examples)('on line $line has no mistakes, and says what comes of it', (block) => {
    const { diagnostics } = loadWorkflow(block.text, { handlers: ['exec', 'run', ...Object.keys(handlers)] })
    expect(formatDiagnostics(diagnostics, { text: block.text })).toBe('')
    expect(claimsOf(block)).not.toEqual([])
  })

  test.for(claims)('on line $block.line $claim.line', async ({ block, claim }) => {
    const { workflow } = loadWorkflow(block.text)
    if (workflow === undefined) throw new Error('it is no workflow')

    const { told, tookMs } = await (/\b(exec|run):/.test(block.text) ? playProcesses : play)(workflow, claim)

    expect(told).toEqual({
      ends: claim.ends,
      with: claim.ends === 'completes' ? JSON.parse(claim.with ?? '') : claim.with,
    })
    if (claim.after !== undefined) expect(tookMs).toBe(parseDuration(claim.after))
  })
})

describe('the language page has', () => {
  const schema = JSON.parse(readFileSync(`${root}packages/schema/json/workflow.schema.json`, 'utf8')) as Schema
  const steps = Object.keys(schema.$defs).filter((name) => name.endsWith('Step') && name !== 'Step')
  const verbs = steps.map((name) => name.charAt(0).toLowerCase() + name.slice(1, -'Step'.length))

  test('a row and a chapter for each verb, and no other', () => {
    const told = rowsOf(sectionOf(page, 'Steps').split('| modifier')[0] ?? '').map(
      ([first = '']) => /\w+/.exec(first)?.[0] ?? '',
    )
    expect(told.toSorted()).toEqual(verbs.toSorted())
    for (const verb of verbs) expect(sectionOf(page, verb)).toContain('```yaml\nsegno: 1\n')
  })

  test('every key of every construct', () => {
    const keys = new Set(Object.keys(schema.properties))
    for (const name of [...steps, 'CatchClause', 'Retry', 'Defaults', 'Limits']) collectKeys(schema.$defs[name], keys)
    const tables = page.text.replace(/^```[^]*?^```$/gm, '')
    expect([...keys].filter((key) => !new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``).test(tables))).toEqual([])
    expect(keys.size).toBeGreaterThan(40)
  })

  test('the place of a schema that editors read', () => {
    const path = /\$schema=\.\/(\S+\.json)/.exec(page.text)?.[1] ?? ''
    expect(existsSync(root + path)).toBe(true)
  })

  test('the handlers that its examples use', () => {
    const told = rowsOf(page.text.split('\n## A file')[0] ?? '').map(([name = '']) => name.replaceAll('`', ''))
    expect(told).toEqual(Object.keys(handlers))
  })
})

interface Schema {
  readonly properties: object
  readonly $defs: Readonly<Record<string, unknown>>
}

function collectKeys(schema: unknown, keys: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) keys.add(name)
    collectKeys(value, keys)
  }
}

function claimsOf({ after }: Block): Claim[] {
  return [...after.matchAll(/^- (.*)$/gm)].map(([, line = '']) => {
    const parts =
      /^(?:given the signal `(?<signal>[^`]+)` with `(?<data>[^`]+)`, |given `(?<input>[^`]+)`, |cancelled after `(?<cancel>\w+)`, )?(?<ends>completes|fails|is blocked|is cancelled)(?: with `(?<with>[^`]+)`)?(?: after `(?<after>\w+)`)?$/.exec(
        line,
      )?.groups
    if (parts === undefined) throw new Error(`no claim: ${line}`)
    const { signal: name, data = 'null', input = '{}', cancel, ends = '' } = parts
    return {
      line,
      input: JSON.parse(input) as JsonObject,
      ...(name === undefined ? {} : { signal: { name, data: JSON.parse(data) as JsonObject } }),
      ...(cancel === undefined ? {} : { cancelAfter: cancel }),
      ends,
      ...(parts['with'] === undefined ? {} : { with: parts['with'] }),
      ...(parts['after'] === undefined ? {} : { after: parts['after'] }),
    }
  })
}

const dayMs = 86_400_000

/** Plays a run for three days of virtual time. */
async function play(workflow: Workflow, claim: Claim): Promise<{ told: object; tookMs: number }> {
  const clock = virtualClock()
  const storage = memoryStorage({ now: () => clock.now() })
  const engine = createEngine({ clock, storage, handlers })
  const run = await engine.start(workflow, claim.input)
  if (claim.signal !== undefined) await run.signal(claim.signal.name, claim.signal.data)
  if (claim.cancelAfter !== undefined) {
    await clock.advanceBy(parseDuration(claim.cancelAfter) ?? 0)
    await run.cancel()
  }
  await clock.advanceBy(3 * dayMs)
  const row = await run.row()
  const tookMs = row.updatedAt - row.createdAt
  if (!isTerminal(row.status))
    return { told: { ends: `is ${row.status}`, with: await blockedBy(run.events()) }, tookMs }
  const result = await run.result()
  await engine.close()
  return { told: toldOf(result), tookMs }
}

function toldOf(result: RunResult): object {
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

/** Plays a run with real processes, which take real time. */
async function playProcesses(workflow: Workflow, claim: Claim): Promise<{ told: object; tookMs: number }> {
  const root = await mkdtemp(join(tmpdir(), 'segno-language-'))
  try {
    const workspace = join(root, 'workspace')
    await mkdir(workspace)
    const evidence = { folder: (...parts: (string | number)[]) => join(root, ...parts.map(String)) }
    const secrets = { get: async (name: string) => `value-of-${name}` }
    await using engine = createEngine({ handlers, shell: nodeShell({ workspace, evidence }), secrets })
    const run = await engine.start(workflow, claim.input)
    return { told: toldOf(await run.result()), tookMs: 0 }
  } finally {
    await rm(root, { recursive: true })
  }
}

async function blockedBy(events: AsyncIterable<{ readonly type: string }>): Promise<string | undefined> {
  for await (const event of events) {
    if ('because' in event && event.type === 'run.blocked') return (event.because as { code: string }).code
    if ('failure' in event && event.type === 'step.blocked') return (event.failure as { code: string }).code
  }
  return undefined
}
