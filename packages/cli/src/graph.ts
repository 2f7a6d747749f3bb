import { extname } from 'node:path'
import type { RunEvent } from '@segno/schema'
import { graphOf, runOverlay, toDot, toMermaid, toSvg, type Graph, type RunOverlay } from '@segno/schema/graph'
import { commonScreen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { withStore } from './known-run.ts'
import { namesFile, workflowEndings } from './names-file.ts'
import { readDefinition } from './read-definition.ts'
import { knownWorkflow } from './run-origin.ts'
import { writeOut } from './write-out.ts'

/** The forms in which a graph is printed. */
export const graphFormats = ['mermaid', 'dot', 'svg'] as const

type GraphFormat = (typeof graphFormats)[number]

/** The options of `segno graph`, as commander gives them. */
export interface GraphCommandOptions extends StoreCommandOptions {
  readonly format?: GraphFormat
  readonly out?: string
  readonly expand?: boolean
}

/** A graph, and how a run of it stands. */
interface Drawn {
  readonly graph: Graph
  readonly status?: RunOverlay
}

/** Prints the graph of a workflow file, or of a run with how it stands. It is the result, so it goes to stdout. */
export async function graphCommand(given: string, options: GraphCommandOptions): Promise<ExitCode> {
  const drawn = namesFile(given, workflowEndings) ? fromFile(given, options) : await fromRun(given, options)
  if (drawn === undefined) return exitCodes.definitionInvalid
  write(drawn, options)
  return exitCodes.ok
}

function fromFile(given: string, options: GraphCommandOptions): Drawn | undefined {
  const read = readDefinition(given, options, { warnings: options.quiet !== true })
  return read && { graph: graphOf(read.definition, { expand: options.expand === true }) }
}

function fromRun(given: string, options: GraphCommandOptions): Promise<Drawn> {
  return withStore(options, process.stderr, async ({ store, screen }) => {
    const row = await findRun(store, given)
    const { definition } = await knownWorkflow(row, store.storage, screen.cwd)
    const events: RunEvent[] = []
    for await (const page of store.storage.read(row.runId, 1)) events.push(...page)
    return {
      graph: graphOf(definition, { expand: options.expand === true }),
      status: runOverlay(definition, events),
    }
  })
}

function write(drawn: Drawn, options: GraphCommandOptions): void {
  const { json, cwd } = commonScreen(options, process.stdout)
  const { out } = options
  const text = json ? documentOf(drawn) : drawnAs(drawn, options.format ?? formatOf(out))
  if (out === undefined) {
    process.stdout.write(text)
    return
  }
  const written = writeOut(out, text, { cwd })
  if (options.quiet !== true) process.stderr.write(`wrote ${written}\n`)
}

const formatsByEnding: Readonly<Record<string, GraphFormat>> = { '.svg': 'svg', '.dot': 'dot', '.gv': 'dot' }

function formatOf(out: string | undefined): GraphFormat {
  return (out !== undefined && formatsByEnding[extname(out).toLowerCase()]) || 'mermaid'
}

function drawnAs({ graph, status }: Drawn, format: GraphFormat): string {
  const options = { ...(status && { status }) }
  switch (format) {
    case 'mermaid':
      return toMermaid(graph, options)
    case 'dot':
      return toDot(graph, options)
    case 'svg':
      return toSvg(graph, options)
    default:
      return format satisfies never
  }
}

function documentOf({ graph, status }: Drawn): string {
  const run = status && { run: status.run, items: Object.fromEntries(status.items) }
  return `${JSON.stringify({ v: 1, graph, ...(run && { status: run }) }, null, 2)}\n`
}
