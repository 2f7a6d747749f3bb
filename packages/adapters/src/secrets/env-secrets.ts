import { readFile, stat } from 'node:fs/promises'
import type { Secrets } from '@segno/core'

/** Where the environment's secrets are looked for. */
export interface EnvironmentSecretsOptions {
  /** The environment; that of this process unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What the name of a secret's variable begins with before its own; nothing unless given. */
  readonly prefix?: string
  /** Whether `NAME_FILE` may name a file that holds the value; true unless given. */
  readonly files?: boolean
}

// As much as secret stores give out, and more than a variable may hold.
const fileBytesMax = 2 ** 20

/**
 * Secrets from the environment: the variable `NAME`, or else the file whose path is in
 * `NAME_FILE`, as container platforms mount it, without the newline at its end. Both are read
 * anew for each attempt, so that a value may change while the host runs. An empty value counts
 * as none. A file that is named but cannot be read is a fault of the host: `get` rejects,
 * for to go on without it would only hide that.
 *
 * @example
 * ```ts
 * // `secrets: [API_KEY]` in a definition is `SEGNO_SECRET_API_KEY` here, and nothing else is within reach.
 * const engine = createEngine({ secrets: environmentSecrets({ prefix: 'SEGNO_SECRET_' }) })
 * ```
 */
export function environmentSecrets(options: EnvironmentSecretsOptions = {}): Secrets {
  const { env = process.env, prefix = '', files = true } = options
  return {
    async get(name) {
      const key = `${prefix}${name}`
      const value = variable(env, key)
      if (value !== undefined || !files) return value
      const path = variable(env, `${key}_FILE`)
      return path === undefined ? undefined : await fileValue(path, `${key}_FILE`)
    },
  }
}

// A name such as `constructor` is no variable because every object has it.
function variable(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(env, name) && env[name] !== '' ? env[name] : undefined
}

async function fileValue(path: string, name: string): Promise<string | undefined> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await bytesOf(path))
    const value = text.replace(/\r?\n$/, '')
    return value === '' ? undefined : value
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the secret in the file that ${name} names cannot be read: ${why}`, { cause })
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const stats = await stat(path)
  // A pipe may never begin, and a device never end.
  if (!stats.isFile()) throw new Error(`${path} is no file`)
  if (stats.size > fileBytesMax) throw new Error(`${path} has ${stats.size} bytes, more than ${fileBytesMax}`)
  return await readFile(path)
}
