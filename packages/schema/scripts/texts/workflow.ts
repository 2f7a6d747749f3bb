import type { Texts } from './text.ts'

/** The head of a workflow, and what its keys take. */
export const workflowTexts: Texts = {
  Workflow: 'A workflow of Segno.',
  'Workflow.segno': 'Version of the language: 1.',
  'Workflow.name': {
    text: 'Name of the workflow: letters, digits, - and _, at most 64.',
    examples: ['email-triage'],
  },
  'Workflow.version': { text: 'Of this workflow, such as "1.2.0". Recorded, not interpreted.', examples: ['1.0.0'] },
  'Workflow.description': 'For people.',
  'Workflow.input':
    'What a run is given: a schema for each name. Each is required unless it has a default or optional: true.',
  'Workflow.output':
    'What a run gives: a schema with a value for each name. Evaluated at the very end, after finally, and checked against its schema.',
  'Workflow.defaults': 'For every step with uses, exec, run or http that does not say otherwise; for no other.',
  'Workflow.limits': 'Limits of a run.',
  'Workflow.secrets': 'Names of the secrets that steps use; the host has their values.',
  'Workflow.labels': 'Labels of each run, text by text. Those given at its start replace them.',
  'Workflow.imports': {
    text: 'Other workflows that steps call or start, by names of their own.',
    examples: [{ review: './library/review.segno.yaml' }],
  },
  'Workflow.imports.*':
    'Path of a workflow that ends in .yaml, .yml or .json, from the folder of this file. In data, a definition may stand in its place.',
  'Workflow.agents': 'Agents that steps name. No engine of this version runs them.',
  'Workflow.artifacts': 'Files that steps leave and take, by name. No engine of this version follows them.',
  'Workflow.on': 'When runs are to begin. The host, or a timer of the machine, begins them.',
  'Workflow.on.schedule': 'When runs are to begin, by the clock.',
  'Workflow.on.schedule.cron': {
    text: 'Five fields: minute, hour, day of the month, month, day of the week. Numbers, names, *, ranges, lists and steps.',
    examples: ['0 6 * * 1-5'],
    also: {
      pattern: String.raw`^\s*[0-9A-Za-z*,/-]+(\s+[0-9A-Za-z*,/-]+){4}\s*$`,
      errorMessage: 'Expected five fields such as 0 6 * * 1-5 (minute, hour, day, month, weekday).',
    },
  },
  'Workflow.on.schedule.timezone': {
    text: 'In which the fields are read; UTC unless given.',
    examples: ['Europe/Berlin'],
    also: { minLength: 1 },
  },
  'Workflow.on.schedule.input': 'The input of such a run, without templates.',
  'Workflow.concurrency': 'Which runs of the workflow wait for each other. No engine of this version heeds it.',
  'Workflow.concurrency.group': 'A template: runs that give the same text belong together.',
  'Workflow.concurrency.limit': 'How many of them may run at a time.',
  'Workflow.concurrency.whenFull': {
    text: 'What happens to one too many.',
    values: { queue: 'It waits.', skip: 'It does not run.', replace: 'It takes the place of the one that runs.' },
  },
  'Workflow.steps': 'What a run does: steps, one after the other.',
  'Workflow.finally':
    'Steps that run once when the steps have completed, failed or been cancelled. There, error is the failure or null.',

  Defaults: 'What steps with uses, exec, run or http get unless they say otherwise.',
  'Defaults.timeout': 'Time limit of one attempt.',
  'Defaults.retry': 'Attempts after the first.',

  Limits: 'Bounds of a whole run. Reaching one blocks the run; an operator may raise it.',
  'Limits.steps':
    'How many steps a run may start, each iteration, visit of a state and retry of a block counted again; 100,000 unless given.',
  'Limits.duration': 'Wall time from the creation of the run, without ${{ }}; none unless given.',
  'Limits.tokens': 'Tokens of all agents together. No engine of this version heeds it.',
  'Limits.cost': {
    text: 'What all agents together may cost. No engine of this version heeds it.',
    examples: ['8 USD'],
  },
  'Limits.onExceeded': {
    text: 'What happens when a limit is reached. No engine of this version heeds it.',
    values: { block: 'The run waits for an operator.', fail: 'The run fails.' },
  },

  Agent: 'A language model or coding agent that steps name. No engine of this version runs it.',
  'Agent.provider': 'Name of the provider.',
  'Agent.model': 'Name of the model.',
  'Agent.sandbox': {
    text: 'What the agent may touch; read-only unless given.',
    values: {
      'read-only': 'It reads files.',
      'workspace-write': 'It writes files of the workspace.',
      'full-access': 'Nothing holds it back.',
    },
  },

  Artifact: 'A file that steps leave and take. No engine of this version follows it.',
  'Artifact.path': {
    text: 'Path inside of the workspace, without "..".',
    examples: ['docs/design.md'],
    also: { pattern: '{path}', errorMessage: 'Expected a path inside of the workspace, without "..".' },
  },
  'Artifact.mediaType': { text: 'Media type of the file.', examples: ['text/markdown'] },
  'Artifact.schema': 'JSON Schema of the content.',

  Duration: {
    text: 'A duration such as 250ms, 10s, 5m, 1h30m or 2d, or in ISO-8601 such as PT5M; or a template that gives one.',
    examples: ['10s', '5m', '1h30m'],
  },
  FixedDuration: {
    text: 'A duration such as 250ms, 10s, 5m, 1h30m or 2d, or in ISO-8601 such as PT5M; without ${{ }}.',
    examples: ['1h', '2d'],
  },
  Name: 'A letter, then letters, digits and _; at most 64.',
  Expression: 'An expression, with or without ${{ }} around it; or true or false.',
  CountOrTemplate: 'A whole number from 1, or a template that gives one.',
  Code: { text: 'A failure code.', examples: ['TIMEOUT'] },
  Size: { text: 'Bytes, or text such as 64KiB; at most 8MiB.', examples: ['64KiB'] },
  SecretNames: 'Names of secrets, each once: letters, digits and _, at most 128.',
  Labels: 'A map of text.',
}
