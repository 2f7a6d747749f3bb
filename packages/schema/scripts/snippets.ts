import type { Schema } from './schema.ts'

const step = { id: '${1:do_it}', set: { value: '${2:1}' } }

/** One for each verb. */
const bodies: Readonly<Record<string, readonly [description: string, body: Schema]>> = {
  uses: ['Call a handler', { id: '${1:send}', uses: '${2:send-mail}', with: { '${3:to}': '${4:value}' } }],
  exec: ['Run a program', { id: '${1:test}', exec: ['${2:npm}', '${3:test}'] }],
  run: ['Run a script', { id: '${1:script}', run: '${2:echo "\\$NAME"}', env: { '${3:NAME}': '${4:value}' } }],
  http: [
    'Make a request',
    { id: '${1:fetch}', http: { method: '${2|GET,POST,PUT,PATCH,DELETE|}', url: '${3:https://api.example.com/}' } },
  ],
  agent: ['A turn of an agent', { id: '${1:draft}', agent: '${2:writer}', prompt: '${3:Write a draft.}' }],
  call: [
    'Run another workflow in this run',
    { id: '${1:review}', call: '${2:review}', with: { '${3:input}': '${4:value}' } },
  ],
  start: [
    'Start another workflow as a run of its own',
    { id: '${1:parcel}', start: '${2:parcel}', with: { '${3:input}': '${4:value}' } },
  ],
  set: ['Compute values', { id: '${1:sums}', set: { '${2:total}': '"\\${{ ${3:1 + 1} }}"' } }],
  assert: [
    'Fail unless something is true',
    { id: '${1:enough}', assert: '${2:input.amount > 0}', message: '${3:It has to be more.}' },
  ],
  sleep: ['Wait for a while', { id: '${1:nap}', sleep: '${2:10m}' }],
  sleepUntil: ['Wait until an instant', { id: '${1:opening}', sleepUntil: '"${2:2026-01-31T06:00:00Z}"' }],
  waitFor: ['Wait for a signal', { id: '${1:approval}', waitFor: { signal: '${2:approved}' }, timeout: '${3:2d}' }],
  ask: [
    'Ask a person',
    {
      id: '${1:review}',
      ask: { title: '${2:Is it good?}', choices: ['${3:approve}', '${4:reject}'] },
      timeout: '${5:2d}',
    },
  ],
  watch: ['Wait for files', { id: '${1:arrived}', watch: { glob: '"${2:inbox/*.json}"' }, timeout: '${3:1d}' }],
  emit: ['Send a signal', { id: '${1:tell}', emit: { signal: '${2:progress}', data: '${3:1}' } }],
  do: ['A group of steps', { id: '${3:group}', do: [step] }],
  if: [
    'One of two lists',
    {
      id: '${3:choice}',
      if: '${4:input.amount > 0}',
      do: [step],
      else: [{ id: '${5:otherwise}', set: { value: '${6:0}' } }],
    },
  ],
  match: [
    'One of several lists, by a value',
    {
      id: '${3:route}',
      match: '${4:input.kind}',
      cases: { '${5:first}': [step] },
      default: [{ id: '${6:other}', set: { value: '${7:0}' } }],
    },
  ],
  parallel: [
    'Steps that run together',
    { id: '${3:together}', parallel: [step, { id: '${4:other}', set: { value: '${5:2}' } }] },
  ],
  forEach: ['The same steps for each item', { id: '${3:each}', forEach: { in: '${4:input.items}' }, do: [step] }],
  repeat: [
    'The same steps again',
    { id: '${3:loop}', repeat: { max: '^${4:10}', until: '${5:steps.do_it.output.value > 0}' }, do: [step] },
  ],
  try: [
    'Steps whose failure is handled',
    {
      id: '${3:attempt}',
      try: [step],
      catch: [{ do: [{ id: '${4:caught}', set: { code: '"\\${{ error.code }}"' } }] }],
    },
  ],
  states: [
    'A state machine',
    {
      id: '${1:life}',
      initial: '${2:open}',
      states: {
        '${2:open}': { on: { '${3:closed}': { to: '${4:done}' } } },
        '${4:done}': { do: [{ id: '${5:end}', set: { value: '${6:1}' } }] },
      },
    },
  ],
  return: ['End the workflow as completed', { id: '${1:end}', return: { '${2:output}': '${3:value}' } }],
  fail: ['Fail here', { id: '${1:stop}', fail: { code: '${2:REFUSED}', message: '${3:It cannot be done.}' } }],
}

/** The same definitions, with what an editor offers to write at the beginning of a file and of a step. */
export function withSnippets(definitions: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const { Workflow, StepWithoutVerb } = definitions
  const steps = Object.entries(bodies).map(([verb, [description, body]]) => ({
    label: `${verb} step`,
    description,
    body,
  }))
  const file = {
    label: 'workflow',
    description: 'A workflow with one step',
    body: { segno: '^1', name: '${1:name}', steps: [{ id: '${2:do_it}', set: { value: '${3:1}' } }] },
  }
  return {
    ...definitions,
    Workflow: { ...Workflow, defaultSnippets: [file] },
    StepWithoutVerb: { ...StepWithoutVerb, defaultSnippets: steps },
  }
}
