import { DBOS } from '@dbos-inc/dbos-sdk'
import { payload, type Opened, type Place, type Subject } from '../subject.ts'
import { longRun, type LongRun } from './parts/long-run.ts'

/** DBOS: an await per step, each a row in PostgreSQL; parallel steps are started in one turn and awaited together. */
export const subject: Subject = {
  name: 'dbos + postgres',
  packages: ['@dbos-inc/dbos-sdk'],
  durability: 'power loss',
  settings:
    'PostgreSQL synchronous_commit=on, pool of 10 connections (default), a recovered run polled for its end every 5 ms',
  open,
}

const stepsPerRun = 10
const longId = 'long'
const pollingIntervalMs = 5

async function open(place: Place): Promise<Opened> {
  const long = longRun()
  const { sequence, fan, loop } = registered(long)
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: place.postgresUrl,
    // Named, not hashed from the code: a run is recovered only by the version that started it.
    applicationVersion: '1',
    logLevel: 'error',
  })
  await DBOS.launch()
  return {
    sequence: () => sequence(),
    fan: (count) => fan(count),
    async long(onStep) {
      long.begin(onStep)
      const run = await DBOS.startWorkflow(loop, { workflowID: longId })(place.longSteps)
      await run.getResult()
    },
    async recover(onStep) {
      // The launch has taken up what the killed process left.
      long.begin(onStep)
      await DBOS.retrieveWorkflow(longId).getResult({ pollingIntervalMs })
    },
    close: () => DBOS.shutdown({ deregister: true }),
  }
}

async function step(): Promise<typeof payload> {
  return payload
}

function registered(long: LongRun) {
  const sequence = async (): Promise<void> => {
    for (let index = 0; index < stepsPerRun; index++) await DBOS.runStep(step, { name: 'step' })
  }
  const fan = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, () => DBOS.runStep(step, { name: 'step' })))
  }
  const loop = async (count: number): Promise<void> => {
    const onStep = await long.onStep
    for (let index = 0; index < count; index++) {
      const told = async (): Promise<typeof payload> => {
        onStep(index)
        return payload
      }
      await DBOS.runStep(told, { name: 'step' })
    }
  }
  return {
    sequence: DBOS.registerWorkflow(sequence, { name: 'sequence' }),
    fan: DBOS.registerWorkflow(fan, { name: 'fan' }),
    loop: DBOS.registerWorkflow(loop, { name: 'loop' }),
  }
}
