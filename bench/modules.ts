import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Description } from './task.ts'

/** Whose a subject is. */
export type Group = 'segno' | 'raw' | 'peer'

/** A module that exports a subject, before it is loaded. */
export interface SubjectModule {
  readonly group: Group
  /** What it is called by until it says its name: that of its file. */
  readonly file: string
  readonly url: string
  /** Whether it uses a database of PostgreSQL: only who names one gets one. */
  readonly database: boolean
}

/** A subject that can be measured. */
export interface ListedSubject extends SubjectModule, Description {}

/** A subject, as it is told of. */
export type ToldSubject = Pick<ListedSubject, 'name' | 'group' | 'durability' | 'settings' | 'versions' | 'leftOut'>

const folders = { own: new URL('subjects/', import.meta.url), peers: new URL('peers/', import.meta.url) }

/** The subjects of this repository, and those of the peers' folder where they are wanted; ours first. */
export function subjectModules(withPeers: boolean): readonly SubjectModule[] {
  const own = modulesIn(folders.own, (file) => (file.startsWith('segno-') ? 'segno' : 'raw'))
  return [
    ...own.filter(({ group }) => group === 'segno'),
    ...own.filter(({ group }) => group === 'raw'),
    ...(withPeers ? modulesIn(folders.peers, () => 'peer') : []),
  ]
}

function modulesIn(folder: URL, groupOf: (file: string) => Group): readonly SubjectModule[] {
  if (!existsSync(folder)) return []
  const found: SubjectModule[] = []
  for (const name of readdirSync(folder).toSorted()) {
    if (!name.endsWith('.ts')) continue
    const text = readFileSync(new URL(name, folder), 'utf8')
    if (!/^export const subject\b/m.test(text)) continue
    const file = name.slice(0, -'.ts'.length)
    const url = new URL(name, folder).href
    found.push({ group: groupOf(file), file, url, database: /postgres/i.test(text) })
  }
  return found
}
