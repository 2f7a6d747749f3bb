import { identifierPattern } from '../document/identifier.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** What to write in the place of a key that people know from other tools. */
export interface Advice {
  readonly hint: string
  /** The key that takes the very value. */
  readonly replacement?: string
}

/** A key that is not part of the language where it stands. */
export interface ForeignKey {
  readonly key: string
  readonly value: Json | undefined
  /** The map that it stands in. */
  readonly around: JsonObject
  /** The keys that are known there. */
  readonly allowed: readonly string[]
}

/** What is meant by a key of another tool; `undefined` for one that is none. */
export function foreignKey(found: ForeignKey): Advice | undefined {
  return keys.get(plain(found.key))?.(found)
}

/** Which verb is meant by a key of another tool, in a step that has none. */
export function foreignVerb(key: string, value: Json | undefined): Advice | undefined {
  return verbs.get(plain(key))?.(value)
}

/** Whether another tool has a verb of that name. */
export function isForeignVerb(key: string): boolean {
  return verbs.has(plain(key))
}

// `depends_on`, `dependsOn` and `depends-on` are one word.
function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '')
}

type Meaning = (found: ForeignKey) => Advice | undefined

/** The same key under another name. */
function renamed(to: string, takes: (value: Json | undefined) => boolean = () => true): Meaning {
  return ({ value, around, allowed }) => {
    if (!allowed.includes(to)) return undefined
    const fits = takes(value) && !Object.hasOwn(around, to)
    return { hint: `did you mean "${to}"?`, ...(fits && { replacement: to }) }
  }
}

/** Another key, whose value is written in another way. */
function rewritten(key: string, hint: (value: Json | undefined) => string): Meaning {
  return ({ value, allowed }) => (allowed.includes(key) ? { hint: hint(value) } : undefined)
}

/** The first of several meanings that there is here. */
function either(...meanings: readonly Meaning[]): Meaning {
  return (found) => {
    for (const meaning of meanings) {
      const advice = meaning(found)
      if (advice) return advice
    }
    return undefined
  }
}

const isText = (value: Json | undefined): boolean => typeof value === 'string'
const isCondition = (value: Json | undefined): boolean => typeof value === 'string' || typeof value === 'boolean'
const isId = (value: Json | undefined): boolean => typeof value === 'string' && identifierPattern.test(value)

const folder = rewritten('workspace', (value) => `write workspace: { cwd: ${isText(value) ? String(value) : '…'} }`)
const retries = rewritten('retry', (value) => `write retry: { max: ${typeof value === 'number' ? value : '…'} }`)
const given = either(renamed('with'), renamed('input', isJsonObject))
const needs = rewritten('needs', () => 'inside "parallel", write "needs"; other steps run one after the other anyway')
const loop = rewritten('id', () => 'repeat steps with forEach: { in: … } and "do"')
const list = rewritten('finally', () => 'a workflow has one list, "steps"; "parallel" runs some of them together')
const goOn = rewritten('onFailure', () => 'write onFailure: continue')
const schedule = rewritten('on', () => 'write on: { schedule: [{ cron: … }] }')

function timeout(unit: string): Meaning {
  return rewritten('timeout', (value) => `write timeout: ${typeof value === 'number' ? value : '…'}${unit}`)
}

const keys: ReadonlyMap<string, Meaning> = new Map([
  ...['workdir', 'workingdirectory', 'workingdir', 'cwd', 'dir'].map((key) => [key, folder] as const),
  ...['dependson', 'requires', 'dependencies'].map((key) => [key, needs] as const),
  ...['when', 'condition', 'only'].map((key) => [key, renamed('if', isCondition)] as const),
  ...['environment', 'vars', 'variables'].map((key) => [key, renamed('env', isJsonObject)] as const),
  ...['args', 'arguments', 'params', 'parameters', 'inputs'].map((key) => [key, given] as const),
  ...['retries', 'maxretries', 'attempts', 'maxattempts'].map((key) => [key, retries] as const),
  ...['continueonerror', 'allowfailure', 'ignoreerrors'].map((key) => [key, goOn] as const),
  ...['matrix', 'strategy', 'withitems', 'loop'].map((key) => [key, loop] as const),
  ...['jobs', 'stages', 'tasks', 'nodes'].map((key) => [key, list] as const),
  ...['schedule', 'cron', 'triggers'].map((key) => [key, schedule] as const),
  ['name', named],
  ['timeoutminutes', timeout('m')],
  ['timeoutseconds', timeout('s')],
  ['timeoutms', timeout('ms')],
  ['shell', rewritten('exec', () => '"exec" starts a program without a shell; a script goes under "run"')],
  [
    'script',
    either(
      rewritten('run', () => 'the script itself goes under "run"'),
      anotherStep('run'),
    ),
  ],
  [
    'command',
    either(
      rewritten('exec', () => 'the program and its arguments go under "exec"'),
      anotherStep('exec'),
    ),
  ],
  [
    'cmd',
    either(
      rewritten('exec', () => 'the program and its arguments go under "exec"'),
      anotherStep('exec'),
    ),
  ],
  ['on', rewritten('id', () => 'the workflow has an "on", steps have none: "waitFor" waits for a signal')],
])

// A name that could be an id is what others would read the step by.
function named(found: ForeignKey): Advice | undefined {
  const isMeantAsId = !Object.hasOwn(found.around, 'id') && isId(found.value)
  return (isMeantAsId ? renamed('id') : renamed('title', isText))(found)
}

function anotherStep(verb: string): Meaning {
  return rewritten('id', () => `make it a step of its own, with "${verb}"`)
}

type VerbMeaning = (value: Json | undefined) => Advice

function verb(to: string, takes: (value: Json | undefined) => boolean = () => false): VerbMeaning {
  return (value) => ({ hint: `did you mean "${to}"?`, ...(takes(value) && { replacement: to }) })
}

const command: VerbMeaning = (value) => (Array.isArray(value) ? verb('exec', () => true) : verb('run', isText))(value)

const verbs: ReadonlyMap<string, VerbMeaning> = new Map([
  ...['script', 'bash', 'sh'].map((key) => [key, verb('run', isText)] as const),
  ...['command', 'cmd', 'shell'].map((key) => [key, command] as const),
  ...['steps', 'tasks', 'group', 'block'].map((key) => [key, verb('do', Array.isArray)] as const),
  ...['switch', 'case', 'choice'].map((key) => [key, verb('match', isText)] as const),
  ...['loop', 'while', 'until'].map((key) => [key, verb('repeat')] as const),
  ...['for', 'each', 'map', 'items'].map((key) => [key, verb('forEach')] as const),
  ...['delay', 'pause'].map((key) => [key, verb('sleep', isText)] as const),
  ...['approval', 'approve', 'question'].map((key) => [key, verb('ask')] as const),
  ...['request', 'fetch'].map((key) => [key, verb('http')] as const),
  ...['workflow', 'subworkflow'].map((key) => [key, verb('call')] as const),
  ...['event', 'publish', 'send'].map((key) => [key, verb('emit')] as const),
  ...['throw', 'raise', 'error'].map((key) => [key, verb('fail')] as const),
  ...['let', 'assign', 'vars', 'values'].map((key) => [key, verb('set', isJsonObject)] as const),
  ['wait', () => ({ hint: '"sleep" waits for a while, "waitFor" for a signal, "watch" for files' })],
  ['prompt', () => ({ hint: 'add "agent": the name of the agent that is asked' })],
])
