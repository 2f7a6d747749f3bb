import type { Texts } from './text.ts'

/** What went wrong, as events and documents of runs have it. */
export const failureTexts: Texts = {
  Failure: 'What went wrong.',
  'Failure.code': 'Stable; retry.on and catch.on match it.',
  'Failure.message': 'For people.',
  'Failure.retryable': 'Whether the same attempt, made again, might succeed.',
  'Failure.retryAfterMs': 'How long the other side asked to be left alone, in milliseconds.',
  'Failure.details': 'What else is known.',
  'Failure.cause': 'What went wrong before.',
}

/** A run as one document. */
export const runTexts: Texts = {
  ...failureTexts,
  Run: 'A run as one document: what segno run -o json prints.',
  'Run.v': 'Version of the document: 1.',
  'Run.runId': 'Id of the run.',
  'Run.workflow': 'Name of the workflow.',
  'Run.version': 'Of the workflow, where it says one.',
  'Run.status': 'How the run stands.',
  'Run.startedAt': 'When, in milliseconds since 1970, by the clock of the store.',
  'Run.endedAt': 'When, in milliseconds since 1970. Missing while the run is not over.',
  'Run.durationMs': 'How long it took, in milliseconds.',
  'Run.output': 'Of a completed run.',
  'Run.failure': 'Of a failed run.',
  'Run.failedStep': 'Path of the step that a failed run failed at.',
  'Run.reason': 'Why a run was cancelled, or cannot go on.',
  'Run.steps': 'Steps in the order in which they came up. A step in a list that has opened is there from then on.',
  'Run.steps.path': 'Names one occurrence of the step, such as loop[3]/review.',
  'Run.steps.id': 'Id of the step.',
  'Run.steps.kind': 'The verb of the step.',
  'Run.steps.status': 'How the step stands.',
  'Run.steps.attempts': 'How many attempts have begun; 0 for a step without any.',
  'Run.steps.startedAt': 'When, in milliseconds since 1970.',
  'Run.steps.endedAt': 'When, in milliseconds since 1970.',
  'Run.steps.durationMs': 'How long it took, in milliseconds.',
  'Run.steps.failure': 'What went wrong.',
}
