import type { Texts } from './text.ts'

const transition = {
  to: 'Name of a state; it may be the one that is left.',
  if: 'Whether it is taken; of several, the first that holds is.',
}

/** Blocks, and the keys that one of them alone has. */
export const blockTexts: Texts = {
  DoStep: 'A group: its own scope, output, retry and time limit.',
  'DoStep.do': 'A group of steps, one after the other, with a scope of its own.',

  IfStep: 'One of two lists. Without else, a false condition runs nothing.',
  'IfStep.if': 'Which list runs: do where it is true.',
  'IfStep.do': 'Steps that run where if is true.',
  'IfStep.else': 'Steps that run where if is false.',

  MatchStep: 'One of several lists, by a text, number or boolean.',
  'MatchStep.match': 'Chooses one of several lists by this value: a text, number or boolean.',
  'MatchStep.cases': 'A list of steps for each value. Keys compare as text.',
  'MatchStep.default': 'Steps for a value that no case fits; without it, such a value fails with NO_MATCH.',

  ParallelStep: 'Steps that run together, in the order of their needs.',
  'ParallelStep.parallel': 'Steps that run together, in the order of their needs.',
  'ParallelStep.concurrency': 'How many at a time; all at once unless given.',
  'ParallelStep.join': {
    text: 'How many children have to succeed; all unless given. When enough are in, the rest are cancelled.',
    values: { all: 'Every one, skipped ones aside.', any: 'One.' },
  },
  'ParallelStep.join.atLeast': 'So many.',
  'ParallelStep.failFast': 'Whether the block stops as soon as it can no longer succeed; true unless given.',
  'ParallelStep.output': 'What the block gives; sees all children. Nothing unless given.',

  ForEachStep: 'The same steps for each item of a list. Gives a list in the same order.',
  'ForEachStep.forEach': 'Runs do for each item of a list, and gives a list in the same order.',
  'ForEachStep.forEach.in': 'An expression, or a list with templates. Evaluated once.',
  'ForEachStep.forEach.as': 'Name of the item; item unless given. index counts from 0.',
  'ForEachStep.forEach.concurrency': 'How many items at a time; one unless given.',
  'ForEachStep.forEach.collect':
    'Whether failures are values: items are then { ok: true, output } or { ok: false, failure }. False unless given.',
  'ForEachStep.do': 'Steps that run for each item.',
  'ForEachStep.output': 'What one item gives; the output of its last step unless given.',

  RepeatStep: 'The same steps again, a bounded number of times. One of until and while is required.',
  'RepeatStep.repeat': 'Runs do again, at most max times. One of until and while is required.',
  'RepeatStep.repeat.max': 'How often at most.',
  'RepeatStep.repeat.until': 'Tested after an iteration; sees its steps.',
  'RepeatStep.repeat.while': 'Tested before an iteration; sees none of its steps.',
  'RepeatStep.repeat.every': 'The wait between two iterations.',
  'RepeatStep.repeat.initial':
    "Gives the loop a memory: previous is this in the first iteration, and then the block's output after the one before.",
  'RepeatStep.do': 'Steps that run in each iteration. iteration counts from 0.',
  'RepeatStep.output': 'What the block gives, as of the last iteration.',
  'RepeatStep.onExhausted': {
    text: 'What comes when max is reached and the condition says go on; the failure LOOP_EXHAUSTED unless given.',
    values: { fail: 'The block fails with LOOP_EXHAUSTED.' },
  },
  'RepeatStep.onExhausted.output': 'The block gives this.',

  TryStep: 'Steps whose failure is handled, and steps that run whatever happens.',
  'TryStep.try': 'Steps whose failure catch handles, and after which finally runs.',
  'TryStep.catch': 'The first clause that fits a failure of try runs; then the block has completed.',
  'TryStep.finally': 'Steps that run once, whatever happened. There, error is the failure or null.',
  CatchClause: 'One handler of failures.',
  'CatchClause.on': 'Codes of failures that it is for; all unless given.',
  'CatchClause.as': 'Name of the failure in do; error unless given.',
  'CatchClause.do': 'Steps that run on such a failure; there may be none.',

  StatesStep: 'A state machine, for what lives long and goes back and forth.',
  'StatesStep.states': { text: 'A state machine: its states by name, at least one.', also: { minProperties: 1 } },
  'StatesStep.states.*':
    'A state: what is done on entry, and what leads out of it. One without a way out ends the block.',
  'StatesStep.states.*.do': 'Steps that run on entry.',
  'StatesStep.states.*.on': 'Transitions by the name of a signal, looked at while the machine rests.',
  'StatesStep.states.*.on.*': 'Where the signal leads: a transition, or a list of them.',
  'StatesStep.states.*.on.*.to': transition.to,
  'StatesStep.states.*.on.*.if': `${transition.if} Sees signal.data.`,
  'StatesStep.states.*.on.*.schema':
    'JSON Schema of the data of the signal. What does not fit does not take this transition.',
  'StatesStep.states.*.after':
    'Transitions by a duration, such as 24h, counted from entry. Looked at while the machine rests.',
  'StatesStep.states.*.after.*': 'Where the time leads: a transition, or a list of them.',
  'StatesStep.states.*.after.*.to': transition.to,
  'StatesStep.states.*.after.*.if': transition.if,
  'StatesStep.states.*.next': 'Transitions, looked at as soon as do has ended.',
  'StatesStep.states.*.next.to': transition.to,
  'StatesStep.states.*.next.if': transition.if,
  'StatesStep.initial': 'Name of the state that is entered first.',
  'StatesStep.max': 'How many states are entered at most; 1,000 unless given. Reaching it blocks the run.',
  'StatesStep.output': 'What the block gives; the output of the last step of its final state unless given.',
}
