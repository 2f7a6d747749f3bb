/** Something that can be read in an expression, and what it is. */
export interface KnownField {
  readonly name: string
  /** In a few words. */
  readonly type: string
  readonly meaning: string
}

/** What can be read of a step, whatever it gives. */
export const stepFields: readonly KnownField[] = [
  { name: 'output', type: 'what the step gives', meaning: 'There once the step has completed.' },
  {
    name: 'status',
    type: 'text',
    meaning: 'Always there: `pending`, `running`, `waiting`, `completed`, `failed`, `skipped` or `cancelled`.',
  },
  {
    name: 'failure',
    type: 'a map',
    meaning: 'There once the step has failed: `code`, `message`, `retryable`, `details`.',
  },
  { name: 'attempts', type: 'an integer', meaning: 'There once the step has started: how many attempts it took.' },
  { name: 'startedAt', type: 'text', meaning: 'There once the step has started: a text to give to `timestamp()`.' },
  {
    name: 'durationMs',
    type: 'an integer',
    meaning: 'There once the step has ended: how long it took, in milliseconds.',
  },
  {
    name: 'exitCode',
    type: 'an integer',
    meaning: 'There once the process of an `exec` or `run` step has ended by itself.',
  },
]

/** What the variables of the language are. */
export const variables: readonly KnownField[] = [
  { name: 'input', type: 'a map', meaning: 'What the run was given.' },
  { name: 'steps', type: 'a map', meaning: 'The steps that can be seen here, each by its id.' },
  { name: 'run', type: 'a map', meaning: 'The run: `id`, `startedAt` and `labels`.' },
  { name: 'index', type: 'an integer', meaning: 'Which item of the list it is, counted from 0.' },
  { name: 'iteration', type: 'an integer', meaning: 'Which iteration it is, counted from 0.' },
  { name: 'previous', type: 'any', meaning: 'The output of the iteration before; `initial` in the first.' },
  { name: 'error', type: 'a map', meaning: 'The failure: `code`, `message`, `retryable`, `details`.' },
  { name: 'state', type: 'text', meaning: 'The name of the state that the machine is in.' },
  { name: 'signal', type: 'a map', meaning: 'The signal that led here: `name` and `data`.' },
  { name: 'data', type: 'any', meaning: 'The data of the signal that has come.' },
  {
    name: 'secrets',
    type: 'a map',
    meaning: 'Secrets by their names; their values are put in when an attempt starts.',
  },
]

const failureFields: readonly KnownField[] = [
  { name: 'code', type: 'text', meaning: 'What kind of failure it is, as `PAYMENT_DECLINED`.' },
  { name: 'message', type: 'text', meaning: 'What went wrong, for people.' },
  { name: 'retryable', type: 'true or false', meaning: 'Whether another attempt may go better.' },
  { name: 'details', type: 'any', meaning: 'What else is known of it.' },
]

/** What can be read of the variables of the language. */
export const variableFields: ReadonlyMap<string, readonly KnownField[]> = new Map([
  [
    'run',
    [
      { name: 'id', type: 'text', meaning: 'The id of the run.' },
      { name: 'startedAt', type: 'text', meaning: 'When the run began: a text to give to `timestamp()`.' },
      { name: 'labels', type: 'a map of text', meaning: 'The labels of the run.' },
    ],
  ],
  [
    'signal',
    [
      { name: 'name', type: 'text', meaning: 'The name of the signal.' },
      { name: 'data', type: 'any', meaning: 'What was sent with it.' },
    ],
  ],
  ['error', failureFields],
  ['failure', failureFields],
])
