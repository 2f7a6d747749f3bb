import { StringDecoder } from 'node:string_decoder'
import { bytesOf, lastLinesFrom, outputFile, sizeOf, type OutputStream } from './evidence-files.ts'
import { harmless } from './screen/harmless.ts'

/** A file of what a process printed. */
export interface LogSource {
  readonly title: string
  readonly folder: string
  readonly stream: OutputStream
}

/** What a printer needs. */
export interface LogPrinterOptions {
  readonly write: (bytes: Uint8Array | string) => void
  /** What goes to a terminal is made harmless; anything else gets the bytes as they are. */
  readonly isTerminal: boolean
  /** How many of the last lines of each file that is there from the beginning; all unless given. */
  readonly tail: number | undefined
}

/** Prints files, and what is added to them. */
export interface LogPrinter {
  /** Whether there was anything. */
  readonly hasPrinted: boolean
  /** What is new in these files since they were last printed. */
  print(sources: readonly LogSource[]): void
  /** Gives out a last line without its end. */
  end(): void
}

interface Reading {
  from: number
  readonly decoder: StringDecoder
  rest: string
}

const chunkMax = 64 * 1024
/** A line that is longer is given out in pieces. */
const lineMax = 64 * 1024

/** A printer of files; where there are several, a head tells which one comes. */
export function logPrinter({ write, isTerminal, tail }: LogPrinterOptions): LogPrinter {
  const readings = new Map<string, Reading>()
  let last: string | undefined
  let hasPrinted = false
  let isFirst = true

  const give = (reading: Reading, bytes: Buffer): void => {
    if (!isTerminal) return write(bytes)
    const lines = (reading.rest + reading.decoder.write(bytes)).split('\n')
    reading.rest = lines.pop() ?? ''
    for (const line of lines) write(`${harmless(line)}\n`)
    if (reading.rest.length <= lineMax) return
    write(harmless(reading.rest))
    reading.rest = ''
  }
  const printNew = (source: LogSource, { isAlone, starts }: { isAlone: boolean; starts: boolean }): void => {
    const file = outputFile(source.folder, source.stream)
    const size = sizeOf(file)
    const reading = readings.get(file) ?? { from: 0, decoder: new StringDecoder('utf8'), rest: '' }
    if (!readings.has(file) && starts && tail !== undefined) reading.from = lastLinesFrom(file, tail)
    readings.set(file, reading)
    while (reading.from < size) {
      const bytes = bytesOf(file, reading.from, Math.min(chunkMax, size - reading.from))
      if (bytes.length === 0) return
      if (last !== file && !isAlone) write(`${last === undefined ? '' : '\n'}==> ${harmless(source.title)} <==\n`)
      ;[last, hasPrinted] = [file, true]
      reading.from += bytes.length
      give(reading, bytes)
    }
  }
  return {
    get hasPrinted() {
      return hasPrinted
    },
    print(sources) {
      const isAlone = sources.filter(({ folder, stream }) => sizeOf(outputFile(folder, stream)) > 0).length <= 1
      for (const source of sources) printNew(source, { isAlone: isAlone && last === undefined, starts: isFirst })
      isFirst = false
    },
    end() {
      for (const { rest } of readings.values()) if (rest !== '') write(`${harmless(rest)}\n`)
    },
  }
}
