import { randomUUID } from 'node:crypto'
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph'
import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { payload } from '../../subject.ts'
import type { Opened } from '../../subject.ts'

const sequenceSteps = 10
const threadOfLong = 'long'

type Output = typeof payload

const SequenceState = Annotation.Root({ output: Annotation<Output> })
const FanState = Annotation.Root({
  count: Annotation<number>,
  outputs: Annotation<Output[]>({ reducer: (outputs, more) => outputs.concat(more), default: () => [] }),
})
const LongState = Annotation.Root({ index: Annotation<number>, output: Annotation<Output> })

/** What is the same of LangGraph with and without a checkpointer. */
export const settingsOfLangGraph = 'sequence: a chain of nodes; fan: Send; long: one node with an edge to itself'

/** Where a graph keeps its checkpoints, and whether a step waits for them: it does not by default. */
export interface Keeping {
  readonly checkpointer?: BaseCheckpointSaver
  readonly durability?: 'sync'
}

/** The three graphs. */
export function openLangGraph({ durability, ...keeping }: Keeping, longSteps: number): Opened {
  let stepOfLong: (index: number) => void = () => {}
  const sequence = sequenceGraph().compile(keeping)
  const fan = fanGraph().compile(keeping)
  const long = longGraph(longSteps, (index) => stepOfLong(index)).compile(keeping)
  const thread = (id: string) => ({ configurable: { thread_id: id }, ...(durability && { durability }) })
  const longThread = { ...thread(threadOfLong), recursionLimit: longSteps + 1 }

  return {
    async sequence() {
      await sequence.invoke({}, thread(randomUUID()))
    },
    async fan(count) {
      await fan.invoke({ count }, thread(randomUUID()))
    },
    async long(onStep) {
      stepOfLong = onStep
      await long.invoke({ index: 0 }, longThread)
    },
    async recover(onStep) {
      stepOfLong = onStep
      await long.invoke(null, longThread)
    },
    async close() {},
  }
}

function sequenceGraph() {
  const step = async () => ({ output: payload })
  const nodes = Array.from({ length: sequenceSteps }, (_, index): [string, typeof step] => [`step-${index}`, step])
  return new StateGraph(SequenceState)
    .addSequence(nodes)
    .addEdge(START, 'step-0')
    .addEdge(`step-${sequenceSteps - 1}`, END)
}

function fanGraph() {
  return new StateGraph(FanState)
    .addNode('step', async () => ({ outputs: [payload] }))
    .addConditionalEdges(START, ({ count }) => Array.from({ length: count }, () => new Send('step', {})), ['step'])
    .addEdge('step', END)
}

function longGraph(steps: number, onStep: (index: number) => void) {
  return new StateGraph(LongState)
    .addNode('step', async ({ index }) => {
      onStep(index)
      return { index: index + 1, output: payload }
    })
    .addEdge(START, 'step')
    .addConditionalEdges('step', ({ index }) => (index < steps ? 'step' : END), ['step', END])
}
