import type { EngineOptions, Files, Storage } from '@segno/core'

/** What `segno.config.ts` exports: what the command hands to the engine. */
export interface SegnoConfig {
  /** Handlers by the name that `uses` calls them by. */
  readonly handlers?: NonNullable<EngineOptions['handlers']>
  /** Keeps the runs; in memory, and so gone with the process, unless given. */
  readonly storage?: Storage
  /** Looks for what inputs with `mustExist: true` name; in the working folder unless given. */
  readonly files?: Files
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
