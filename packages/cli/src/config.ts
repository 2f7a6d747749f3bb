import type { EngineOptions, Files, Http, Plugin, Secrets, Shell, Storage } from '@segno/core'

/** What `segno.config.ts` exports: what the command hands to the engine. */
export interface SegnoConfig {
  /** Handlers by the name that `uses` calls them by. */
  readonly handlers?: NonNullable<EngineOptions['handlers']>
  /** Packages of handlers beside these. */
  readonly plugins?: readonly Plugin[]
  /** Keeps the runs; in the folder `.segno` unless given here or with `--store`. */
  readonly storage?: Storage
  /** Runs processes; on this machine, in the working folder, unless given. */
  readonly shell?: Shell
  /** Gives the values of secrets; the environment does unless given. */
  readonly secrets?: Secrets
  /** Looks for what inputs with `mustExist: true` name, and for what `watch` steps wait for; in the working folder unless given. */
  readonly files?: Files
  /**
   * Sends the requests of `http` steps. Unless given, a client of this command does, for which private networks
   * are closed to hosts that come from data: `nodeHttp({ allowPrivate: […] })` opens them.
   */
  readonly http?: Http
}

/**
 * The configuration as it is, with its type checked.
 *
 * @example
 * ```ts
 * // segno.config.ts
 * import { defineConfig } from 'segno'
 *
 * export default defineConfig({
 *   handlers: { greet: (_context, { name }: { name: string }) => `Hello, ${name}!` },
 * })
 * ```
 */
export function defineConfig(config: SegnoConfig): SegnoConfig {
  return config
}
