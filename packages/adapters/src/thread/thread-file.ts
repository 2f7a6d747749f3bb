import { tmpdir } from 'node:os'

/**
 * The file of a door that is made to be the entry of a worker thread, such as
 * `sqlite/thread`, and what its thread has to be started with. From a package it
 * is found by its name, since what asks for it may be in any file of the build;
 * from the sources it is the file beside them.
 */
export function threadFile(door: string): {
  readonly url: URL
  readonly execArgv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
} {
  const { env } = process
  const here = import.meta.url
  if (!here.endsWith('.ts')) {
    return { url: new URL(import.meta.resolve(`@segno/adapters/${door}`)), execArgv: [], env }
  }
  // To take the types out of the sources costs several times what all else does that a thread begins with.
  const cache = env['NODE_COMPILE_CACHE'] ?? `${tmpdir()}/node-compile-cache`
  return {
    url: new URL(`../${door}.ts`, here),
    execArgv: ['--conditions=@segno/source'],
    env: { ...env, NODE_COMPILE_CACHE: cache },
  }
}
