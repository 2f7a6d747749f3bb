import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { binaries, copiedBinaries, type Binaries } from './binaries.ts'

/** A PostgreSQL server of a test, on a port of the loopback interface and in a folder of its own. */
export interface PostgresServer {
  readonly host: string
  readonly port: number
  /** For a superuser; `database` where it is not `postgres`. */
  url(database?: string): string
  /** Stops it without a checkpoint and starts it again on the same port, where it recovers from its log. */
  restart(): Promise<void>
  /** As `restart`, but stays down until `start`. */
  halt(): Promise<void>
  start(): Promise<void>
  /** Stops it for good and removes its folder. */
  stop(): Promise<void>
}

/** How a server of a test is set up. */
export interface ServerOptions {
  /** Settings as in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>
}

// `fsync` protects from a loss of power, which no test brings about: a server that is killed loses nothing without it.
const settingsDefault = {
  fsync: 'off',
  max_connections: '200',
  shared_buffers: '32MB',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
  max_wal_size: '256MB',
  log_min_messages: 'log',
}

/** Why no server can be started here; `undefined` where one can. */
export function whyNoServer(): string | undefined {
  const found = binaries()
  if ('missing' in found) return found.missing
  if (process.platform === 'win32') return 'the tests start servers by /bin/sh'
  return undefined
}

/** Starts a server, which ends with this process at the latest, however that ends. */
export async function startServer(options: ServerOptions = {}): Promise<PostgresServer> {
  const found = binaries()
  if ('missing' in found) throw new Error(found.missing)
  const user = await serverUser()
  const dir = await mkdtemp(join(tmpdir(), 'segno-postgres-'))
  if (user !== undefined) chownSync(dir, user.uid, user.gid)
  try {
    const programs = await prepared(found, { dir, user })
    const port = await freePort()
    const keeper = startKeeper({ ...options, programs, dir, user, port })
    await keeper.say('start')
    return serverOf(keeper, port)
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

function serverOf(keeper: Keeper, port: number): PostgresServer {
  const host = '127.0.0.1'
  const [halt, start] = [() => keeper.say('halt'), () => keeper.say('start')]
  return {
    host,
    port,
    halt,
    start,
    url: (database = 'postgres') => `postgres://postgres@${host}:${port}/${database}`,
    stop: () => keeper.end(),
    async restart() {
      await halt()
      await start()
    },
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

// PostgreSQL refuses to run as root.
async function serverUser(): Promise<User | undefined> {
  if (userInfo().uid !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (found === undefined) throw new Error('as root, a user postgres or nobody is needed')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

interface Place {
  readonly dir: string
  readonly user: User | undefined
}

async function prepared(found: Binaries, place: Place): Promise<Binaries> {
  const data = ['-D', join(place.dir, 'data'), '-U', 'postgres', '-A', 'trust', '-N', '--no-instructions']
  const values = ['--locale=C', '--encoding=UTF8', '--wal-segsize=1']
  const run = (programs: Binaries) => finished(spawn(programs.initdb, [...data, ...values], spawnOptions(place)))
  try {
    await run(found)
    return found
  } catch (error) {
    if (!isClosed(error)) throw error
    const copied = await copiedBinaries(found, place.dir)
    await run(copied)
    return copied
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES'
}

function spawnOptions({ dir, user }: Place) {
  return { cwd: dir, env: { LC_ALL: 'C', PATH: process.env['PATH'] }, ...user } as const
}

async function finished(child: ChildProcess): Promise<void> {
  let said = ''
  child.stdout?.resume()
  child.stderr?.on('data', (chunk) => (said += String(chunk)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`initdb: ${said}`)
}

// Holds the server for us: reads what to do, and when nobody is left who could tell it, stops the server and removes
// its folder. So no server outlives its test, whatever kills the test.
const keeperScript = `
dir=$1; shift
trap '' INT TERM HUP
pid=
down() { [ -z "$pid" ] || { kill -s QUIT "$pid"; wait "$pid"; pid=; }; }
while read -r command; do
  case $command in
    start) "$@" </dev/null 2>&1 & pid=$! ;;
    halt) down; echo halted ;;
  esac
done
down
cd / && rm -rf "$dir"
`

interface KeeperOptions extends Place, ServerOptions {
  readonly programs: Binaries
  readonly port: number
}

interface Keeper {
  say(command: 'start' | 'halt'): Promise<void>
  end(): Promise<void>
}

const patienceMs = 30_000
const answers = { start: 'ready to accept connections', halt: 'halted' }

function startKeeper({ programs, port, settings, ...place }: KeeperOptions): Keeper {
  const all = Object.entries({ ...settingsDefault, ...settings, port: String(port) })
  const flags = all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = [programs.postgres, '-D', join(place.dir, 'data'), ...flags]
  const child = spawn('/bin/sh', ['-c', keeperScript, 'sh', place.dir, ...server], {
    ...spawnOptions(place),
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in our group: an interrupt from the keyboard is for us, and we tell it when to stop.
    detached: true,
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  let said = ''
  let heard: (line: string) => void = () => undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    said = `${said}${line}\n`.slice(-4_000)
    heard(line)
  })
  return {
    async say(command) {
      const answered = new Promise<void>((resolve, reject) => {
        setTimeout(() => reject(new Error(`the server does not answer: ${said}`)), patienceMs).unref()
        heard = (line) => {
          if (line.includes(answers[command])) resolve()
          if (line.includes('could not bind') || line.includes('could not create')) reject(new Error(said))
        }
        void closed.then(() => reject(new Error(`the server is gone: ${said}`)))
      })
      child.stdin.write(`${command}\n`)
      await answered
    },
    async end() {
      child.stdin.end()
      await closed
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}
