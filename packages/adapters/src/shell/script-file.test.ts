import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findInterpreter } from './script-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-interpreters-'))
afterAll(() => rmSync(folder, { recursive: true }))

writeFileSync(join(folder, 'python'), '#!/bin/sh\n')
chmodSync(join(folder, 'python'), 0o755)
writeFileSync(join(folder, 'bash'), '#!/bin/sh\n')
chmodSync(join(folder, 'bash'), 0o644)

describe('the program that runs scripts of', () => {
  test('sh is found by the PATH of this process', async () => {
    expect(await findInterpreter('sh')).toMatch(/^\/.*\/sh$/)
  })

  test('python is called python where there is no python3', async () => {
    expect(await findInterpreter('python', folder)).toBe(join(folder, 'python'))
  })

  test('node is the one that runs this process, whatever PATH says', async () => {
    expect(await findInterpreter('node', folder)).toBe(process.execPath)
  })

  test('a shell that is not there, or cannot be executed, is refused with a code', async () => {
    await expect(findInterpreter('sh', folder)).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
    await expect(findInterpreter('bash', folder)).rejects.toMatchObject({ code: 'COMMAND_NOT_EXECUTABLE' })
  })
})
