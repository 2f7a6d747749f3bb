import { createServer, type Http2Server } from 'node:http2'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  createEndpointHandler,
  RestatePromise,
  service,
  workflow,
  type Context,
  type WorkflowContext,
} from '@restatedev/restate-sdk'
import { connect } from '@restatedev/restate-sdk-clients'
import { payload, type Opened, type Place, type Subject } from '../subject.ts'
import { longRun, type LongRun } from './parts/long-run.ts'
import { freePorts, startServer, type ServerProcess } from './parts/server-process.ts'

/**
 * Restate: its server beside the process, which serves it the runs over HTTP/2; each `ctx.run` is a step.
 * A run is a handler of a service, called and awaited in one request; the long one has a name, so it is a workflow.
 */
export const subject: Subject = {
  name: 'restate',
  packages: ['@restatedev/restate-server', '@restatedev/restate-sdk', '@restatedev/restate-sdk-clients'],
  durability: 'power loss',
  settings: 'defaults of the server (one node, 24 partitions, its log synced), which W4 kills with the process',
  open,
}

const stepsPerRun = 10
const longKey = 'long'

async function open(place: Place): Promise<Opened> {
  const ports = await portsOf(place.folder)
  const long = longRun()
  const definitions = workflows(long)
  // Before the server, which calls at once on whoever serves the runs that a killed process left.
  const endpoint = await listening(definitions, ports.endpoint)
  const server = await restateServer(place.folder, ports)
  await deployed(ports)
  const ingress = connect({ url: `http://127.0.0.1:${ports.ingress}` })
  const { sequence, fan, loop } = definitions
  const { run } = ingress.serviceClient(sequence)
  const { run: runFan } = ingress.serviceClient(fan)
  const named = ingress.workflowClient(loop, longKey)
  return {
    sequence: async () => await run(),
    fan: async (count) => await runFan(count),
    async long(onStep) {
      long.begin(onStep)
      await named.workflowSubmit(place.longSteps)
      await named.workflowAttach()
    },
    async recover(onStep) {
      // The server has called on us for what the killed process left.
      long.begin(onStep)
      await named.workflowAttach()
    },
    async close() {
      await server.stop()
      await new Promise((resolve) => endpoint.close(resolve))
    },
  }
}

const step = (): typeof payload => payload

function workflows(long: LongRun) {
  const sequence = service({
    name: 'sequence',
    handlers: {
      run: async (ctx: Context): Promise<void> => {
        for (let index = 0; index < stepsPerRun; index++) await ctx.run('step', step)
      },
    },
  })
  const fan = service({
    name: 'fan',
    handlers: {
      run: async (ctx: Context, count: number): Promise<void> => {
        await RestatePromise.all(Array.from({ length: count }, () => ctx.run('step', step)))
      },
    },
  })
  const loop = workflow({
    name: 'loop',
    handlers: {
      run: async (ctx: WorkflowContext, count: number): Promise<void> => {
        const onStep = await long.onStep
        for (let index = 0; index < count; index++) {
          await ctx.run('step', () => {
            onStep(index)
            return payload
          })
        }
      },
    },
  })
  return { sequence, fan, loop }
}

async function listening(definitions: ReturnType<typeof workflows>, port: number): Promise<Http2Server> {
  const { sequence, fan, loop } = definitions
  const handler = createEndpointHandler({ services: [sequence, fan, loop], logger: () => undefined })
  const endpoint = createServer(handler)
  await new Promise<void>((resolve) => endpoint.listen(port, '127.0.0.1', resolve))
  return endpoint
}

interface Ports {
  readonly ingress: number
  readonly admin: number
  readonly node: number
  readonly endpoint: number
}

// The server finds the workflows of a run where they were when it began, so that a second process serves on the port of the first.
async function portsOf(folder: string): Promise<Ports> {
  const file = join(folder, 'ports.json')
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Ports
  } catch {
    const [ingress = 0, admin = 0, node = 0, endpoint = 0] = await freePorts(4)
    const ports = { ingress, admin, node, endpoint }
    await writeFile(file, JSON.stringify(ports))
    return ports
  }
}

async function restateServer(folder: string, ports: Ports): Promise<ServerProcess> {
  const entry = createRequire(import.meta.url).resolve('@restatedev/restate-server/package.json')
  const binary = createRequire(entry).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  )
  const flags = ['--no-logo', '--node-name=bench', '--listen-mode=tcp', `--base-dir=${join(folder, 'restate')}`]
  return await startServer([binary, ...flags, '--bind-ip=127.0.0.1', `--bind-port=${ports.node}`], {
    folder,
    env: {
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
    },
    async ready() {
      const answers = await Promise.all(
        [`http://127.0.0.1:${ports.admin}/health`, `http://127.0.0.1:${ports.ingress}/restate/health`].map((url) =>
          fetch(url),
        ),
      )
      if (!answers.every((answer) => answer.ok)) throw new Error('the server is not healthy yet')
    },
  })
}

async function deployed(ports: Ports): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${ports.admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${ports.endpoint}/` }),
  })
  if (!answer.ok) throw new Error(`the server refuses the workflows: ${await answer.text()}`)
}
