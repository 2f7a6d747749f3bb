import type { Masker, OutputCapture } from '@segno/core'
import type { Json } from '@segno/schema/plan'
import { glob } from '../files/glob.ts'
import { parseJson } from '../json/parse-json.ts'
import { CommandFailure } from './command-failure.ts'
import type { KeptOutput } from './output-log.ts'
import { checkPlainFile, checkRelative, readPlainFile } from './plain-file.ts'
import type { Place } from './workspace-folder.ts'

/** What a process that has ended well may have left. */
export interface Remains {
  readonly stdout: KeptOutput
  readonly place: Place
  readonly masker: Masker
}

/** The declared output of a process. What is not as declared is a failure, never mended. */
export async function captureOutput(capture: OutputCapture, remains: Remains): Promise<Json> {
  return remains.masker.json(await outputOf(capture, remains))
}

/** Whether the output is made of what the process prints. */
export function isPrinted({ from }: OutputCapture): boolean {
  return from === 'stdout' || from === 'lines' || from === 'json'
}

async function outputOf(capture: OutputCapture, remains: Remains): Promise<Json> {
  switch (capture.from) {
    case 'stdout':
      return printed(capture, remains).replace(/\r?\n$/, '')
    case 'lines':
      return linesOf(printed(capture, remains))
    case 'json':
      return parsed(printed(capture, remains), 'what the process printed')
    case 'file':
      return await fileOutput(capture, remains)
    case 'files':
      return await filesOutput(capture, remains)
    default:
      return capture.from satisfies never
  }
}

function printed({ maxBytes }: OutputCapture, { stdout: { head, missing } }: Remains): string {
  checkSize(head.length, maxBytes, 'what the process printed')
  if (missing !== undefined)
    throw new CommandFailure('OUTPUT_INVALID', `what the process printed is not whole: ${missing}`)
  return decoded(head, 'what the process printed')
}

async function fileOutput({ path = '', schema, maxBytes }: OutputCapture, remains: Remains): Promise<Json> {
  const { masker, place } = remains
  const bytes = await readPlainFile(path, place, maxBytes)
  checkSize(bytes.length, maxBytes, `"${path}"`)
  const stream = masker.stream()
  const text = decoded(Buffer.concat([stream.push(bytes), stream.end()]), `"${path}"`)
  const isText = schema === undefined || (typeof schema === 'object' && schema['type'] === 'string')
  return isText ? text : parsed(text, `"${path}"`)
}

async function filesOutput({ path = '', maxBytes }: OutputCapture, { place }: Remains): Promise<Json> {
  checkRelative(path)
  const paths = await glob(place.folder, path)
  checkSize(Buffer.byteLength(JSON.stringify(paths)), maxBytes, `the list of files "${path}"`)
  for (const found of paths) await checkPlainFile(found, place)
  return paths
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function checkSize(bytes: number, bytesMax: number, what: string): void {
  if (bytes <= bytesMax) return
  throw new CommandFailure('OUTPUT_TOO_LARGE', `${what} is larger than ${bytesMax} bytes`)
}

function decoded(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new CommandFailure('OUTPUT_INVALID', `${what} is not UTF-8`, { cause: error })
  }
}

function parsed(text: string, what: string): Json {
  const read = parseJson(text)
  if ('json' in read) return read.json
  throw new CommandFailure('OUTPUT_INVALID', `${what} is not JSON: ${read.problem}`)
}
