import { nodeFiles } from '@segno/adapters/files'
import { nodeHttp } from '@segno/adapters/http'
import { environmentSecrets } from '@segno/adapters/secrets'
import { nodeShell } from '@segno/adapters/shell'
import { createEngine, handlerContracts, type Engine, type Logger, type SecretMasker, type Secrets } from '@segno/core'
import { processVerbs, type HandlerFace } from '@segno/schema'
import type { SegnoConfig } from './config.ts'
import { ownerName } from './owner.ts'
import type { Store } from './store.ts'

/** What an engine of this process is made of. */
export interface HostOptions {
  readonly store: Pick<Store, 'storage' | 'evidence'>
  readonly config: SegnoConfig
  /** Where processes work, and where paths are. */
  readonly workspace: string
  readonly logger: Logger
  /** Learns the secrets that attempts are given, for what the engine does not see: what handlers print. */
  readonly masker: SecretMasker
}

/** An engine of this process, and what it keeps open. */
export interface Host {
  readonly engine: Engine
  /** Closes the engine, then what it made its requests with. */
  close(): Promise<void>
}

/** An engine with the adapters that the command brings, where the configuration names no others. */
export function createHost({ store, config, workspace, logger, masker }: HostOptions): Host {
  const own = config.http === undefined ? nodeHttp() : undefined
  const http = config.http ?? own
  const engine = createEngine({
    storage: store.storage,
    ...(config.handlers && { handlers: config.handlers }),
    ...(config.plugins && { plugins: config.plugins }),
    files: config.files ?? nodeFiles({ root: workspace }),
    ...(hasShell(config) && { shell: config.shell ?? nodeShell({ workspace, evidence: store.evidence }) }),
    secrets: learned(config.secrets ?? environmentSecrets(), masker),
    ...(http && { http }),
    owner: ownerName(),
    logger,
  })
  return {
    engine,
    async close() {
      await engine.close()
      await own?.close()
    },
  }
}

function learned(secrets: Secrets, masker: SecretMasker): Secrets {
  return {
    async get(name) {
      const value = await secrets.get(name)
      if (value !== undefined) masker.add(value)
      return value
    },
  }
}

/** What steps may call: the handlers of the configuration and its plugins, and the verbs that this host performs. */
export function callable(config: SegnoConfig): readonly (string | HandlerFace)[] {
  return [
    ...handlerContracts(config),
    ...(hasShell(config) ? processVerbs : []),
    'http',
    ...(canWatch(config) ? ['watch'] : []),
  ]
}

/** Whether there are files that can be watched: those of a configuration need not know patterns. */
function canWatch({ files }: SegnoConfig): boolean {
  return files === undefined || files.glob !== undefined
}

/** Whether there is a shell: the one that the command brings needs process groups, which Windows does not have. */
export function hasShell({ shell }: SegnoConfig): boolean {
  return shell !== undefined || process.platform !== 'win32'
}
