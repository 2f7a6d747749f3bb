import { resolve } from 'node:path'
import { postgresStorage, type PostgresStorage } from '@segno/adapters/postgres'
import { CommandError } from './command-error.ts'

/** Whether a store is named that is a PostgreSQL database. */
export function isPostgres(given: string | undefined): given is string {
  return given !== undefined && /^postgres(?:ql)?:\/\//.test(given)
}

/** What is typed to name a store, as it may be shown: without a password. */
export function withoutPassword(words: string): string {
  return words
    .replace(/(postgres(?:ql)?:\/\/[^:@/?#\s]*):\S*@/, '$1@')
    .replaceAll(/([?&](?:password|sslpassword)=)[^&#\s]*/g, '$1')
}

/** Opens the store of a connection string; `?schema=` in it names the schema. What processes print is kept on this host. */
export function openPostgres(given: string, cwd: string): PostgresStorage {
  const url = urlOf(given)
  const schema = url.searchParams.get('schema')
  url.searchParams.delete('schema')
  return postgresStorage({
    connectionString: url.href,
    evidence: resolve(cwd, '.segno', 'evidence'),
    ...(schema === null ? {} : { schema }),
  })
}

function urlOf(given: string): URL {
  const url = URL.parse(given)
  if (url !== null) return url
  const message = `--store ${withoutPassword(given)}: this is not the address of a PostgreSQL database`
  const hint = 'for example: --store postgres://user@host:5432/database?schema=segno'
  throw new CommandError({ code: 'OPTION_INVALID', message, hint })
}
