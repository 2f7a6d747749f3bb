import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Answer, Json, JsonObject } from 'segno'
import { parse } from 'yaml'

/** A construct, what it is to the tools that people come from, and plays that show what it means. */
export interface GoldenCase {
  /** Of its file, such as `01-arguments`. */
  readonly name: string
  readonly title: string
  /** What people know it as, in a short phrase. */
  readonly construct: string
  /** By path: the workflow, and what it needs. */
  readonly files: Readonly<Record<string, string>>
  readonly plays: readonly Play[]
}

/** A run from beginning to end, and what has to come of it. */
export interface Play {
  readonly title: string
  /** The file of the workflow; `flow.segno.yaml` unless given. */
  readonly workflow?: string
  readonly input?: JsonObject
  /** Values of secrets, by name. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Variables of the host, which its shell hands on. */
  readonly host?: Readonly<Record<string, string>>
  /** More files of this play. */
  readonly files?: Readonly<Record<string, string>>
  readonly happens?: readonly Happening[]
  /** Lines for the `segno` command, in place of an engine in this process. */
  readonly commands?: readonly CommandLine[]
  readonly expect: Expected
}

/** Something that happens to a run from outside, after what stands before it in the list. */
export interface Happening {
  /** So long after the start. */
  readonly at?: string
  /** As soon as a process has made this file. */
  readonly once?: string
  /** So much time goes by, also while a process works. */
  readonly passes?: string
  readonly writes?: Readonly<Record<string, string>>
  readonly answers?: Answer & { readonly to: string; readonly by?: string }
}

/** A command, and what ends it. */
export interface CommandLine {
  /** Its words. */
  readonly segno?: string
  /** Its exit code; null where a signal has ended it. */
  readonly exit?: number | null
  /** Sends its process a signal as soon as a process of a step has made the file `once`. */
  readonly kill?: { readonly once: string; readonly signal: NodeJS.Signals }
  /** In place of a command: files that somebody edits. */
  readonly writes?: Readonly<Record<string, string>>
}

/** All of it is compared; what is missing is not there, or is empty. */
export interface Expected {
  readonly status: 'completed' | 'failed' | 'blocked' | 'cancelled' | 'refused'
  readonly output?: Readonly<Record<string, Json>>
  readonly failure?: FailureTold
  /** How many iterations each loop began, by its path. */
  readonly iterations?: Readonly<Record<string, number>>
  /** The states that each machine entered. */
  readonly states?: Readonly<Record<string, readonly string[]>>
  /** The paths of the steps that were skipped, in their order. */
  readonly skipped?: readonly string[]
  /** How many attempts were made of steps that needed more than one. */
  readonly attempts?: Readonly<Record<string, number>>
  /** The mistakes that keep a workflow from running, as code and place; or the code that a start throws. */
  readonly refused?: readonly string[]
  /** How long it took, in virtual time: compared, and time is virtual, where it is given. */
  readonly took?: string
  /** Text of files in the workspace: those that are named are compared. Null is a file that is not there. */
  readonly files?: Readonly<Record<string, string | null>>
}

/** A failure, as far as a case tells it. */
export interface FailureTold {
  readonly code: string
  /** The path of the step that it came up at. */
  readonly at?: string
  readonly exitCode?: number
}

const folder = fileURLToPath(new URL('cases/', import.meta.url))

const keys: Readonly<Record<'case' | 'play' | 'happening' | 'command' | 'expect' | 'failure', string>> = {
  case: 'title construct files plays',
  play: 'title workflow input secrets host files happens commands expect',
  happening: 'at once passes writes answers',
  command: 'segno exit kill writes',
  expect: 'status output failure iterations states skipped attempts refused took files',
  failure: 'code at exitCode',
}

/** The names of all cases, in their order. */
export function caseNames(): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return names.map((name) => name.slice(0, -'.yaml'.length)).toSorted()
}

/** What is told of all cases together. */
export function caseList(): string {
  return readFileSync(`${folder}README.md`, 'utf8')
}

/** Reads a case. Throws on a key that would be passed over. */
export function readCase(name: string): GoldenCase {
  const read = parse(readFileSync(`${folder}${name}.yaml`, 'utf8')) as Omit<GoldenCase, 'name'>
  checkKeys(name, 'case', read)
  for (const play of read.plays) {
    const where = `${name}: ${play.title}`
    checkKeys(where, 'play', play)
    checkKeys(where, 'expect', play.expect)
    if (play.expect.failure !== undefined) checkKeys(where, 'failure', play.expect.failure)
    for (const happening of play.happens ?? []) checkKeys(where, 'happening', happening)
    if (play.happens !== undefined && play.expect.took === undefined)
      throw new Error(`${where}: how long does it take?`)
    for (const command of play.commands ?? []) checkKeys(where, 'command', command)
  }
  return { name, ...read }
}

function checkKeys(where: string, kind: keyof typeof keys, value: object): void {
  const unknown = Object.keys(value).filter((key) => !keys[kind].split(' ').includes(key))
  if (unknown.length > 0) throw new Error(`${where}: a ${kind} has no ${unknown.join(', ')}`)
}
