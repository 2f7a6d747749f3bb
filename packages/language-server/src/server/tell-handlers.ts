import { pathToFileURL } from 'node:url'
import { handlerContracts, type HandlerContract, type HandlerOptions } from '@segno/core'
import { processVerbs } from '@segno/schema'

/** What a configuration brings to its workflows. */
export interface ToldHandlers {
  readonly contracts: readonly HandlerContract[]
  /** The verbs that its host performs. */
  readonly performs: readonly string[]
}

/** What the process that loads a configuration says. */
export type HandlersMessage = ToldHandlers | { readonly flaw: string }

/** Loads a configuration, tells the parent of this process what handlers it has, and ends. */
export async function tellHandlers(file: string): Promise<void> {
  const message = await messageOf(file)
  // A configuration may leave something open that would keep the process.
  await new Promise((told) => process.send?.(message, told))
  process.exit(0)
}

async function messageOf(file: string): Promise<HandlersMessage> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
    const config = module.default
    if (typeof config !== 'object' || config === null) return { flaw: 'it has no configuration as its default export' }
    return { contracts: handlerContracts(config as HandlerOptions), performs: performedBy(config) }
  } catch (error) {
    return { flaw: error instanceof Error ? error.message : String(error) }
  }
}

// As the command performs them: with a shell of its own wherever there are process groups.
function performedBy(config: object): string[] {
  const { shell, files } = config as { readonly shell?: unknown; readonly files?: { readonly glob?: unknown } }
  const hasShell = shell !== undefined || process.platform !== 'win32'
  const canWatch = files === undefined || files.glob !== undefined
  return [...(hasShell ? processVerbs : []), 'http', ...(canWatch ? ['watch'] : [])]
}
