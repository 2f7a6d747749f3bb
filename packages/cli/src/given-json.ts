import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Json } from '@segno/schema'
import { CommandError } from './command-error.ts'

/** A value from the command line: JSON, or `@file` for the JSON in a file. `flag` is what the message names. */
export function givenJson(text: string, flag: string, cwd: string): Json {
  const isFile = text.startsWith('@')
  const content = isFile ? contentOf(text.slice(1), flag, cwd) : text
  try {
    return JSON.parse(content) as Json
  } catch (cause) {
    const message = `${flag} ${isFile ? text : ''}`.trim() + `: expected JSON: ${(cause as Error).message}`
    const hint = `a text stands in quotes of its own: ${flag} '"yes"'`
    throw new CommandError({ code: 'DATA_INVALID', message, hint }, { cause })
  }
}

function contentOf(file: string, flag: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE'
    const message = `${flag} @${file}: ${(cause as Error).message}`
    throw new CommandError({ code, message, hint: 'the path is relative to the working folder' }, { cause })
  }
}
