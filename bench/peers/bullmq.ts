import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { FlowProducer, Queue, QueueEvents, Worker, type Job, type WorkerOptions } from 'bullmq'
import { Redis } from 'ioredis'
import { payload, type Opened, type Place, type Subject, type Workload } from '../subject.ts'
import { longRun, type LongRun } from './parts/long-run.ts'
import { freePorts, startServer } from './parts/server-process.ts'

const redisServer = onPath('redis-server')

/**
 * BullMQ: a run is one job, which after each step writes what comes next into its data, as the documentation's pattern
 * for jobs of several steps has it; only the last output is kept. The fan-out is a flow: one job with a child per step.
 */
export const subject: Subject = {
  name: 'bullmq + redis',
  packages: ['bullmq', 'ioredis'],
  durability: 'power loss',
  settings:
    'appendonly=yes, appendfsync=always, concurrency=100; the long run: lockDuration=2s, stalledInterval=1s (both 30s by default); W4 kills Redis with the process',
  ...(redisServer === undefined && { leftOut: everything('there is no redis-server on the path') }),
  open,
}

const stepsPerRun = 10
const longId = 'long'
const host = '127.0.0.1'

async function open(place: Place): Promise<Opened> {
  const long = longRun()
  const { connection, stop } = await redis(place.folder)
  const runs = await opened('runs', { connection, concurrency: 100 }, long)
  const longs = await opened('longs', { connection, lockDuration: 2_000, stalledInterval: 1_000 }, long)
  const flows = new FlowProducer({ connection })
  return {
    async sequence() {
      const job = await runs.queue.add('sequence', { next: 0, count: stepsPerRun })
      await job.waitUntilFinished(runs.events)
    },
    async fan(count) {
      const queueName = runs.queue.name
      const children = Array.from({ length: count }, () => ({ name: 'step', queueName, data: {} }))
      const { job } = await flows.add({ name: 'fan', queueName, data: {}, children })
      await job.waitUntilFinished(runs.events)
    },
    async long(onStep) {
      long.begin(onStep)
      const job = await longs.queue.add('long', { next: 0, count: place.longSteps }, { jobId: longId })
      await job.waitUntilFinished(longs.events)
    },
    async recover(onStep) {
      long.begin(onStep)
      const job = await longs.queue.getJob(longId)
      if (job === undefined) throw new Error('the run is lost')
      await job.waitUntilFinished(longs.events)
    },
    async close() {
      await Promise.all([flows.close(), runs.close(), longs.close()])
      await stop()
    },
  }
}

async function opened(name: string, options: WorkerOptions, long: LongRun) {
  const { connection } = options
  const queue = new Queue<RunData>(name, { connection })
  const events = new QueueEvents(name, { connection })
  const worker = new Worker<RunData>(name, (job) => processed(job, long), options)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()])
  const close = async (): Promise<void> => {
    await worker.close()
    await Promise.all([events.close(), queue.close()])
  }
  return { queue, events, close }
}

interface RunData {
  readonly next: number
  readonly count: number
  readonly output?: typeof payload
}

async function processed(job: Job<RunData>, long: LongRun): Promise<typeof payload> {
  if (job.name === 'sequence') await steps(job, () => undefined)
  if (job.name === 'long') await steps(job, await long.onStep)
  return payload
}

async function steps(job: Job<RunData>, onStep: (index: number) => void): Promise<void> {
  const { next, count } = job.data
  for (let index = next; index < count; index++) {
    onStep(index)
    await job.updateData({ next: index + 1, count, output: payload })
  }
}

async function redis(folder: string) {
  const [port = 0] = await freePorts(1)
  const flags = ['--bind', host, '--port', String(port), '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
  const { stop } = await startServer([redisServer ?? 'redis-server', ...flags, ...durable], {
    folder,
    async ready() {
      const client = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null })
      client.on('error', () => undefined)
      try {
        await client.connect()
        await client.ping()
      } finally {
        client.disconnect()
      }
    },
  })
  return { connection: { host, port, maxRetriesPerRequest: null }, stop }
}

function onPath(program: string): string | undefined {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function everything(reason: string): Record<Workload, string> {
  return { W1s: reason, W1c: reason, W2: reason, W3: reason, W4: reason }
}
