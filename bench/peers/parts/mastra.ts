import { Mastra } from '@mastra/core'
import type { MastraCompositeStore } from '@mastra/core/storage'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { z } from 'zod'
import { payload } from '../../subject.ts'
import type { Opened } from '../../subject.ts'

const sequenceSteps = 10
const widestFan = 1_000
const runOfLong = 'long'

const Payload = z.object({
  id: z.number(),
  name: z.string(),
  ok: z.boolean(),
  tags: z.array(z.string()),
  note: z.string(),
})
const Payloads = z.array(Payload)

/** What is the same of Mastra with and without a storage. */
export const settingsOfMastra = 'sequence: a chain with then(); fan: foreach(), concurrency 1000; long: dowhile()'

/** The three workflows on one Mastra, with `storage` or without any. */
export async function openMastra(storage: MastraCompositeStore | undefined, longSteps: number): Promise<Opened> {
  let stepOfLong: (index: number) => void = () => {}
  const sequence = sequenceWorkflow()
  const fan = fanWorkflow()
  const long = longWorkflow(longSteps, (index) => stepOfLong(index))
  const mastra = new Mastra({ workflows: { sequence, fan, long }, logger: false, ...(storage && { storage }) })
  await storage?.init()

  return {
    async sequence() {
      const run = await mastra.getWorkflow('sequence').createRun()
      ended(await run.start({ inputData: payload }))
    },
    async fan(count) {
      const run = await mastra.getWorkflow('fan').createRun()
      ended(await run.start({ inputData: Array.from({ length: count }, () => payload) }))
    },
    async long(onStep) {
      stepOfLong = onStep
      const run = await mastra.getWorkflow('long').createRun({ runId: runOfLong })
      ended(await run.start({ inputData: { ...payload, id: 0 } }))
    },
    async recover(onStep) {
      stepOfLong = onStep
      const run = await mastra.getWorkflow('long').createRun({ runId: runOfLong })
      ended(await run.restart())
    },
    async close() {
      await mastra.shutdown()
    },
  }
}

function step(id: string) {
  return createStep({ id, inputSchema: Payload, outputSchema: Payload, execute: async () => payload })
}

function sequenceWorkflow() {
  let workflow = createWorkflow({ id: 'sequence', inputSchema: Payload, outputSchema: Payload }).then(step('step-0'))
  for (let index = 1; index < sequenceSteps; index++) workflow = workflow.then(step(`step-${index}`))
  return workflow.commit()
}

function fanWorkflow() {
  return createWorkflow({ id: 'fan', inputSchema: Payloads, outputSchema: Payloads })
    .foreach(step('step'), { concurrency: widestFan })
    .commit()
}

/** A step of the loop learns its number from what the step before it returned, for a run that is taken up has nothing else. */
function longWorkflow(steps: number, onStep: (index: number) => void) {
  const numbered = createStep({
    id: 'step',
    inputSchema: Payload,
    outputSchema: Payload,
    execute: async ({ inputData }) => {
      onStep(inputData.id)
      return { ...payload, id: inputData.id + 1 }
    },
  })
  return createWorkflow({ id: 'long', inputSchema: Payload, outputSchema: Payload })
    .dowhile(numbered, async ({ inputData }) => inputData.id < steps)
    .commit()
}

function ended(result: { readonly status: string }): void {
  if (result.status !== 'success') throw new Error(`The run ended ${result.status}`)
}
