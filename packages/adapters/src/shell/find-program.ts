import { access, constants, open, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, resolve } from 'node:path'
import { CommandFailure, systemCode } from './command-failure.ts'

/** Where a program is looked for. */
export interface Search {
  /** `PATH` of the process. */
  readonly path: string | undefined
  /** The folder that the process runs in. */
  readonly folder: string
}

const pathDefault = '/usr/local/bin:/usr/bin:/bin'

/**
 * The file that a program's name stands for: with a slash, relative to the folder
 * that the process runs in, as every shell has it; otherwise in `PATH`. We look
 * ourselves, since a failed start tells not whether the program or its folder is missing.
 */
export async function findProgram(name: string, search: Search): Promise<string> {
  if (name === '' || name.includes('\0')) throw new CommandFailure('ARGUMENT_REFUSED', 'the program has no name')
  const { path = pathDefault, folder } = search
  const places = name.includes('/') ? [resolve(folder, name)] : inPath(name, path)
  let flaw: string | undefined
  for (const file of places) {
    const verdict = await flawOf(file)
    if (verdict === undefined) {
      await checkFormat(name, file)
      return file
    }
    flaw ??= verdict === 'missing' ? undefined : `"${name}" cannot be executed: ${file} ${verdict}`
  }
  if (flaw !== undefined) throw new CommandFailure('COMMAND_NOT_EXECUTABLE', flaw)
  const where = name.includes('/') ? `at ${places.join('')}` : `in PATH (${path})`
  throw new CommandFailure('COMMAND_NOT_FOUND', `there is no program "${name}" ${where}`)
}

// An empty or relative entry would find programs in whatever folder the process happens to run in.
function inPath(name: string, path: string): readonly string[] {
  return path
    .split(delimiter)
    .filter((entry) => isAbsolute(entry))
    .map((entry) => resolve(entry, name))
}

async function flawOf(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return 'is not a file'
    await access(file, constants.X_OK)
    return undefined
  } catch (error) {
    if (systemCode(error) === 'EACCES') return 'may not be executed'
    return 'missing'
  }
}

const binaryFormats: ReadonlySet<string> = new Set([
  '7f454c46',
  'cafebabe',
  'cffaedfe',
  'cefaedfe',
  'feedface',
  'feedfacf',
])

// What the system cannot execute, a shell would take for a script of its own and run line by line.
async function checkFormat(name: string, file: string): Promise<void> {
  const start = await startOf(file)
  if (start === undefined || binaryFormats.has(start.toString('hex', 0, 4))) return
  if (start.toString('latin1', 0, 2) !== '#!') {
    const message = `"${name}" cannot be executed: ${file} is neither a program of this system nor begins with "#!"`
    throw new CommandFailure('COMMAND_NOT_EXECUTABLE', message)
  }
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(start.toString('utf8')) ?? []
  const flaw = interpreter === undefined ? 'missing' : await flawOf(interpreter)
  if (flaw === undefined) return
  const named = JSON.stringify(interpreter ?? '')
  throw new CommandFailure('COMMAND_NOT_FOUND', `the interpreter ${named} that ${file} names is not there`)
}

// A program may be executable without being readable.
async function startOf(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (systemCode(error) === 'EACCES') return undefined
    throw error
  }
}
