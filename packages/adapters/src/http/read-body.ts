import type { IncomingMessage } from 'node:http'
import { Transform, Writable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { HttpFailure } from './http-failure.ts'

// What compression may add to a body that it cannot make smaller. Beyond that, bytes come in of which nothing comes out.
const overheadBytes = 64 * 1024
const codingsMax = 2

const decoders: Readonly<Record<string, () => Duplex>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  // RFC 9659: 8 MiB. Without it a few bytes could ask for 128.
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
}

/**
 * Reads a body to its end, decompressed, into `chunks`: what came before something went
 * wrong is kept there. Fails with `OUTPUT_TOO_LARGE` at the first byte that is one too many.
 */
export async function readBody(response: IncomingMessage, bytesMax: number, chunks: Uint8Array[]): Promise<void> {
  const wire = counter(bytesMax)
  try {
    await pipeline([response, wire.stream, ...codingsOf(response).map(decoderOf), collector(bytesMax, chunks)])
  } catch (error) {
    // Nothing may have begun to read it.
    response.destroy()
    if (!isOfDecoder(error)) throw error
    // An empty body is compressed by leaving it empty.
    if (wire.bytes() > 0) throw new HttpFailure('OUTPUT_INVALID', 'the body cannot be decompressed', { cause: error })
  }
}

function counter(bytesMax: number): { readonly stream: Duplex; readonly bytes: () => number } {
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax + overheadBytes) done(tooLarge(bytesMax))
      else done(null, chunk)
    },
  })
  return { stream, bytes: () => bytes }
}

function collector(bytesMax: number, chunks: Uint8Array[]): Writable {
  let room = bytesMax
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk.subarray(0, room))
      room -= chunk.length
      done(room < 0 ? tooLarge(bytesMax) : null)
    },
  })
}

function codingsOf({ headers }: IncomingMessage): readonly string[] {
  const codings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > codingsMax)
    throw new HttpFailure('OUTPUT_INVALID', `the body is compressed more than ${codingsMax} times`)
  // The last one was put on last.
  return codings.reverse()
}

function decoderOf(coding: string): Duplex {
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (decoder !== undefined) return decoder()
  throw new HttpFailure(
    'OUTPUT_INVALID',
    `the body is compressed by ${JSON.stringify(coding)}, which nobody knows here`,
  )
}

function isOfDecoder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_BROTLI|ERR__)/.test(String(error.code))
}

function tooLarge(bytesMax: number): HttpFailure {
  return new HttpFailure('OUTPUT_TOO_LARGE', `the body of the answer is larger than ${bytesMax} bytes`)
}
