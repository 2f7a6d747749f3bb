import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { secretMasker } from '@segno/core'
import type { Masker } from '@segno/core'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { keepOutput } from './output-log.ts'
import { OutputTail } from './output-tail.ts'
import { bench, evidenceIn, runName, sh } from './shell.fixture.ts'

const printedMiB = process.env['SEGNO_DEEP'] === '1' ? 1024 : 256

describe('what a process prints', () => {
  test('is in its logs, byte by byte', async () => {
    const { run, left } = bench()
    await run(sh(String.raw`printf '\377\000a\n\303'; sleep 0; printf '\251' ; printf 'no newline' >&2`))
    expect(Buffer.from(left('stdout.log'), 'utf8')).toEqual(Buffer.from('\ufffd\0a\né', 'utf8'))
    expect(left('stderr.log')).toBe('no newline')
  })

  test(`takes little memory of its host, also where it is ${printedMiB} MiB`, { timeout: 300_000 }, () => {
    const { workspace } = bench()
    const [runId, script] = [runName(), `yes 'a line of output' | head -c ${printedMiB}M`]
    const host = fileURLToPath(new URL('host.fixture.ts', import.meta.url))
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@segno/source', host, workspace, runId, script],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    const { grownKiB } = JSON.parse(stdout) as { readonly grownKiB: number }
    // V8 lets up to 64 MiB of buffers gather that nobody needs any more, before it looks for them.
    expect(grownKiB).toBeLessThan(96 * 1024)
    const log = join(evidenceIn(workspace).folder(runId, 'step', 1), 'stdout.log')
    expect(statSync(log).size).toBe(printedMiB * 1024 ** 2)
  })

  test('is kept up to a bound and read beyond it, so that the process ends as it would', async () => {
    const { run, left, logged } = bench({ logBytesMax: 1000 })
    const why = 'the output is longer than 1000 bytes; the rest is not kept'
    expect(await run(sh('head -c 1000000 /dev/zero | tr "\\0" x; exit 0'))).toEqual({ exitCode: 0 })
    expect(left('stdout.log')).toBe(`${'x'.repeat(1000)}\n[segno] ${why}\n`)
    expect(logged).toEqual([why])
  })

  test('that is not kept is not captured', async () => {
    const { failure } = bench({ logBytesMax: 10 })
    const failed = await failure({ ...sh('echo 0123456789'), output: { from: 'stdout', maxBytes: 100 } })
    expect(failed).toMatchObject({ code: 'OUTPUT_INVALID', details: { exitCode: 0 } })
  })
})

describe('a secret that is printed', () => {
  const secret = 'correct horse battery'

  test('is masked in logs, outputs and failures, also across chunks', async () => {
    const { run, failure, left } = bench()
    const masker = secretMasker()
    masker.add(secret)
    // Each half is written, and so read, by itself.
    const script = `printf 'a correct ho' >&2; printf 'x correct ho'; sleep 0.05; printf 'rse battery b' >&2; printf 'rse battery y'`
    const { output } = await run({ ...sh(script), output: { from: 'stdout', maxBytes: 100 } }, { masker })
    expect(output).toBe('x *** y')
    expect(left('stdout.log')).toBe('x *** y')
    expect(left('stderr.log')).toBe('a *** b')
    const failed = await failure(sh(`${script}; exit 1`), { masker })
    expect(failed.details).toMatchObject({ stderrTail: 'a *** b' })
  })

  test('does not come out of JSON that writes it in another way', async () => {
    const { run } = bench()
    const masker = secretMasker()
    masker.add(secret)
    const script = String.raw`echo '{ "a": "\u0063orrect horse battery" }'`
    const output = { from: 'json', maxBytes: 100 } as const
    expect(await run({ ...sh(script), output }, { masker })).toMatchObject({ output: { a: '***' } })
  })

  test('is left out with all that follows where it cannot be masked', async () => {
    const { run, left, logged } = bench()
    const broken = (): never => {
      throw new Error('broken')
    }
    const masker: Masker = { ...secretMasker(), stream: () => ({ push: broken, end: broken }) }
    expect(await run(sh('echo one; echo two >&2'), { masker })).toEqual({ exitCode: 0 })
    expect(left('stdout.log')).toBe('\n[segno] the output from byte 0 on is left out, since it could not be masked\n')
    expect(logged).toHaveLength(2)
  })
})

describe('the tail of a stream', () => {
  const tailOf = (...chunks: readonly (string | Uint8Array)[]): OutputTail => {
    const tail = new OutputTail()
    for (const chunk of chunks) tail.take(Buffer.from(chunk))
    return tail
  }

  test('has its last 64 lines, and counts all', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`)
    const tail = tailOf(lines.join('\n'), '\n')
    expect(tail.text()).toBe(lines.slice(36).join('\n'))
    expect(tail.lines).toBe(100)
    expect(tailOf('a\nb').lines).toBe(2)
    expect(tailOf().lines).toBe(0)
    expect(tailOf().text()).toBe('')
  })

  test('does not begin within a character', () => {
    expect(tailOf('é'.repeat(5000), 'x').text()).toMatch(/^é+x$/)
  })

  test('is small text whatever was printed, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 6000 }), { maxLength: 6 }), (chunks) => {
        const text = tailOf(...chunks).text()
        expect(text.isWellFormed()).toBe(true)
        expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(8 * 1024)
        expect(text).toBe(tailOf(Buffer.concat(chunks)).text())
      }),
    )
  })
})

test('a log that cannot be written does not hold up the process, and is told of', async () => {
  const file = await open('/dev/full', 'w')
  onTestFinished(() => file.close())
  const chunks = Array.from({ length: 100 }, () => Buffer.alloc(1000))
  const kept = await keepOutput(Readable.from(chunks), { file, masker: secretMasker(), headBytes: 0, logBytesMax: 1e9 })
  expect(kept.bytes).toBe(100_000)
  expect(kept.missing).toContain('the output from byte 0 on could not be written: Error: ENOSPC')
})
