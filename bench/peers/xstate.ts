import { assign, createActor, createMachine, fromPromise, setup, toPromise } from 'xstate'
import type { ActorRefFrom, AnyActorLogic } from 'xstate'
import { payload } from '../subject.ts'
import type { Opened, Place, Subject } from '../subject.ts'

const sequenceSteps = 10

type Output = typeof payload
const step = fromPromise(async () => payload)

/** XState: machines whose steps are promise actors. */
export const subject: Subject = {
  name: 'xstate',
  packages: ['xstate'],
  durability: 'none',
  settings:
    'a step is a promise actor; sequence: ten states, each invokes it; fan: spawned on entry; long: one state that enters itself again',
  leftOut: { W4: 'in memory: to keep a snapshot after a step is left to the user' },
  open: async (place) => open(place),
}

function open(place: Place): Opened {
  const sequence = sequenceMachine()
  const fan = fanMachine()
  return {
    async sequence() {
      await ended(sequence, undefined)
    },
    async fan(count) {
      await ended(fan, { count })
    },
    async long(onStep) {
      await ended(longMachine(place.longSteps, onStep), undefined)
    },
    async close() {},
  }
}

async function ended(machine: AnyActorLogic, input: unknown): Promise<void> {
  const actor = createActor(machine, { input })
  const output = toPromise(actor)
  actor.start()
  await output
}

/** Ten states, each of which invokes the step and keeps in the context what it returns. */
function sequenceMachine(): AnyActorLogic {
  const { assign, createMachine } = setup({
    types: { context: {} as { readonly outputs: readonly Output[] } },
    actors: { step },
  })
  const keep = assign({ outputs: ({ context, event }) => [...context.outputs, event['output']] })
  const states = Array.from({ length: sequenceSteps }, (_, index) => {
    const target = index + 1 < sequenceSteps ? `step${index + 1}` : 'done'
    return [`step${index}`, { invoke: { src: 'step', onDone: { target, actions: keep } } }] as const
  })
  return createMachine({
    context: { outputs: [] },
    initial: 'step0',
    states: { ...Object.fromEntries(states), done: { type: 'final' } },
  })
}

/** Spawns the steps all at once and counts those that are done. Their references keep what they returned. */
function fanMachine(): AnyActorLogic {
  interface Context {
    readonly steps: readonly ActorRefFrom<typeof step>[]
    readonly done: number
  }
  return setup({
    types: { context: {} as Context, input: {} as { readonly count: number } },
    actors: { step },
    guards: { last: ({ context }) => context.done + 1 === context.steps.length },
  }).createMachine({
    context: ({ spawn, input }) => ({
      steps: Array.from({ length: input.count }, (_, index) => spawn('step', { id: `step${index}` })),
      done: 0,
    }),
    initial: 'running',
    states: {
      running: {
        on: {
          'xstate.done.actor.*': [
            { guard: 'last', target: 'done' },
            { actions: assign({ done: ({ context }) => context.done + 1 }) },
          ],
        },
      },
      done: { type: 'final' },
    },
  })
}

/** One state that invokes the step, and enters itself again until it has run `steps` times. */
function longMachine(steps: number, onStep: (index: number) => void): AnyActorLogic {
  const numbered = fromPromise(async ({ input }: { input: { index: number } }) => {
    onStep(input.index)
    return payload
  })
  interface Context {
    readonly index: number
    readonly output: Output | undefined
  }
  return setup({
    types: { context: {} as Context },
    actors: { numbered },
    guards: { last: ({ context }) => context.index + 1 === steps },
  }).createMachine({
    context: { index: 0, output: undefined },
    initial: 'step',
    states: {
      step: {
        invoke: {
          src: 'numbered',
          input: ({ context }) => ({ index: context.index }),
          onDone: [
            { guard: 'last', target: 'done' },
            {
              target: 'step',
              reenter: true,
              actions: assign({ index: ({ context }) => context.index + 1, output: ({ event }) => event.output }),
            },
          ],
        },
      },
      done: { type: 'final' },
    },
  })
}
