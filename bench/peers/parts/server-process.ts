import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

/** A server that a peer needs beside it. */
export interface ServerProcess {
  stop(): Promise<void>
}

/** How a server is started. */
export interface ServerOptions {
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  /** Resolves when the server answers, and rejects as long as it does not. */
  ready(): Promise<unknown>
}

// Holds the server for us: when nobody is left at the other end of the pipe it kills the server, so that none outlives
// the process that is measured, whatever kills that.
const keeperScript = `
"$@" </dev/null >server.log 2>&1 &
pid=$!
read -r _
kill -s KILL "$pid"
wait "$pid" 2>/dev/null
`

const patienceMs = 60_000

/** Starts a server that ends with this process at the latest, however that ends. It writes to `server.log` in its folder. */
export async function startServer(command: readonly string[], options: ServerOptions): Promise<ServerProcess> {
  const keeper = spawn('/bin/sh', ['-c', keeperScript, 'sh', ...command], {
    cwd: options.folder,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const closed = new Promise((resolve) => keeper.once('close', resolve))
  const stop = async (): Promise<void> => {
    keeper.stdin.end()
    await closed
  }
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      await options.ready()
      return { stop }
    } catch (error) {
      if (performance.now() > deadline) {
        await stop()
        throw new Error(`${command[0]} does not answer; see server.log in ${options.folder}`, { cause: error })
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

/** So many free ports of the loopback interface, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer())
  await Promise.all(probes.map((probe) => new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))))
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port)
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))))
  return ports
}
