import type { Texts } from './text.ts'

const effects = {
  pure: 'It changes nothing: it starts again.',
  idempotent: 'It starts again with the same idempotency key.',
  once: 'Never twice: the step is blocked until an operator has found out.',
}

/** Also for steps that call a handler. */
export const handlerEffects = {
  ...effects,
  tx: 'What its handler writes by context.sql is committed with its completion, or not at all.',
}

/** What steps of several kinds have. */
export const stepTexts: Texts = {
  Step: 'A step: an id, one verb, and modifiers.',
  'Step.id': 'Unique in the file, also ignoring case. A letter, then letters, digits and _; at most 64.',
  'Step.title': 'For people: what the step is, in a few words.',
  'Step.description': 'For people.',
  'Step.if': 'The step is skipped when this is false.',
  'Step.needs': 'Inside parallel: ids of siblings that end first.',
  'Step.labels': 'Labels for people and tools, text by text.',
  'Step.timeout': 'Time limit of one attempt, or of a wait. The step then fails with TIMEOUT.',
  'Step.onFailure': {
    text: 'What a failure does to the list around the step, after undo, retry, catch and finally; fail unless given.',
    values: {
      fail: 'It fails the list.',
      continue: 'The list goes on; the step has failed and has no output.',
      block: 'The run waits for an operator, and keeps everything.',
    },
  },
  'Step.undo':
    'How to take back what the step did, should a block around it fail, time out or be cancelled. Its input is evaluated when the step completes.',
  'Step.retry': 'Attempts after the first; none unless the step or defaults ask for them.',
  'Step.secrets':
    'Secrets that the step, or all steps inside, get by name: processes as variables, handlers by context.secrets.',
  'Step.budget': 'What agents may use here. No engine of this version heeds it.',
  'Step.effect': {
    text: 'What may be done about an attempt whose outcome is not known; idempotent unless the step or its handler says otherwise.',
    values: effects,
  },
  'Step.idempotencyKey': {
    text: 'A text with templates: what the outside world tells attempts of one thing by. Evaluated once; the key of the occurrence unless given.',
    examples: ['charge-${{ input.order }}'],
  },
  'Step.queue': 'Which attempts wait for each other, across runs. No engine of this version heeds it.',
  'Step.check': 'A quality gate on what the step did. No engine of this version runs it.',
  'Step.produces': 'What the step leaves, by the name of the artifact. No engine of this version looks at it.',
  'Step.produces.*': 'How the artifact is looked at when the step has completed.',
  'Step.produces.*.mustExist': 'Whether the file has to be there.',
  'Step.produces.*.oneOf': 'Exactly one of these files has to have changed.',
  'Step.consumes': 'Artifacts and path inputs that the step takes. No engine of this version looks at it.',
  'Step.consumes.*': 'How the artifact is taken.',
  'Step.consumes.*.freshness': {
    text: 'Which versions count.',
    values: { any: 'Every version.', unseen: 'Only one that this step has not taken before.' },
  },
  'Step.consumes.*.into': {
    text: 'Where the artifact goes.',
    values: { prompt: 'Its content, into the prompt.', path: 'Its path.', none: 'Nowhere: it only has to be there.' },
  },
  'Step.env': {
    text: 'Variables of the process, or of all processes inside, beside those that each gets. Templates; numbers and booleans become text.',
    examples: [{ API_URL: 'https://api.example.com' }],
  },
  'Step.workspace': 'Where the process, or all processes inside, run.',
  'Step.workspace.mode': {
    text: 'Which files they see. No engine of this version does anything but inherit.',
    values: { inherit: 'Those of the workspace.', copy: 'A copy of them.', worktree: 'A worktree of git.' },
  },
  'Step.workspace.cwd': {
    text: 'A folder inside of the workspace, without ${{ }}.',
    examples: ['packages/app'],
    also: {
      pattern: String.raw`^(?![^]*(\$\{\{|\\)){path}`,
      errorMessage: 'Expected a folder inside of the workspace such as packages/app, without ${{ }}.',
    },
  },
  'Block.output': 'What the block gives; sees the inside. The output of the last step that ran unless given.',

  Retry: 'Attempts after the first.',
  'Retry.max': 'Retries after the first attempt.',
  'Retry.delay': 'Before the first retry; 1s unless given.',
  'Retry.backoff': {
    text: 'How delays grow; exponential unless given.',
    values: { exponential: 'Each delay is twice the one before.', constant: 'All delays are the same.' },
  },
  'Retry.maxDelay': 'Upper bound of a delay; 1h unless given.',
  'Retry.jitter': 'Whether a delay is drawn from the upper half of its range; true unless given.',
  'Retry.on': 'Codes of failures that are retried; those that are retryable unless given.',
  'Retry.except': 'Codes of failures that are not retried.',

  Undo: 'One step of work (uses, exec, run, http) or a call that takes another step back. It has no if, needs, onFailure or undo.',
  'Undo.id': 'Not needed: the path is that of the step and .undo.',

  Budget: 'What the turns of an agent may use. No engine of this version heeds it.',
  'Budget.tokens': 'How many tokens.',
  'Budget.cost': { text: 'An amount and a currency.', examples: ['8 USD'] },
  'Budget.duration': 'How much time.',
  'Budget.calls': 'How many calls.',
  'Budget.mode': {
    text: 'What happens above it.',
    values: { strict: 'The run is blocked.', warn: 'It is told.', off: 'Nothing.' },
  },

  Check: 'A quality gate on what a step did. No engine of this version runs it.',
  'Check.policy': {
    text: 'How much is checked.',
    values: { skip: 'No check.', light: 'A light check.', full: 'A full check.' },
  },
  'Check.by': 'Who checks: an expression, an agent, or a program.',
  'Check.by.agent': 'Name of the agent.',
  'Check.by.prompt': 'What it is asked.',
  'Check.by.exec': 'The program and its arguments.',
  'Check.pass': 'An expression: whether the check has passed.',
  'Check.onFail': {
    text: 'What a check that has not passed does.',
    values: { block: 'The run waits for an operator.', fail: 'The step fails.' },
  },
  'Check.onFail.redo': 'Do the step again.',
  'Check.onFail.redo.max': 'How often, at most.',
  'Check.onFail.redo.with': 'What the next attempt is told.',

  Queue: 'Which attempts wait for each other, across runs. No engine of this version heeds it.',
  'Queue.key': 'A template: attempts that give the same text wait for each other.',
  'Queue.concurrency': 'How many at a time.',
  'Queue.rate': 'How many in a time.',
  'Queue.rate.limit': 'How many.',
  'Queue.rate.per': 'In how long.',
  'Queue.priority': 'The greater goes first.',

  Prompt: 'What an agent is asked: a text, { file } or { text }.',
  'Prompt.file': { text: 'Path of a file, from the folder of this one.', examples: ['prompts/draft.md'] },
  'Prompt.text': 'A text with templates.',
}
