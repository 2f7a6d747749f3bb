import { stripVTControlCharacters } from 'node:util'

/**
 * A line of a program that nobody vouches for, as a terminal may get it: without
 * what moves a cursor, sets a title, or turns the direction of text.
 */
export function harmless(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll('\t', '    ')
    .replace(/\r+$/, '')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
