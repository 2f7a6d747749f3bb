import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { environmentSecrets } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

describe('environmentSecrets gives what is in the environment', () => {
  test('the value of a variable, as it is', async () => {
    expect(await environmentSecrets({ env: { TOKEN: ' a\n' } }).get('TOKEN')).toBe(' a\n')
  })

  test('nothing for a variable that is missing or empty', async () => {
    expect(await environmentSecrets({ env: { TOKEN: '' } }).get('TOKEN')).toBeUndefined()
    expect(await environmentSecrets({ env: {} }).get('TOKEN')).toBeUndefined()
    expect(await environmentSecrets({ env: { TOKEN_FILE: '' } }).get('TOKEN')).toBeUndefined()
  })

  test('nothing for the name of what every object has', async () => {
    expect(await environmentSecrets({ env: {} }).get('constructor')).toBeUndefined()
  })

  test('the value that a variable has by now', async () => {
    const env = { TOKEN: 'before' }
    const secrets = environmentSecrets({ env })
    env.TOKEN = 'after'
    expect(await secrets.get('TOKEN')).toBe('after')
  })

  test('of this process unless another is given', async () => {
    expect(await environmentSecrets().get('PATH')).toBe(process.env['PATH'])
  })

  test('only what begins with the prefix', async () => {
    const env = { TOKEN: 'of the host', SEGNO_TOKEN: 'of a workflow', SEGNO_KEY_FILE: fileOf('key', 'of a file') }
    const secrets = environmentSecrets({ env, prefix: 'SEGNO_' })
    expect(await secrets.get('TOKEN')).toBe('of a workflow')
    expect(await secrets.get('KEY')).toBe('of a file')
    expect(await environmentSecrets({ env, prefix: 'OTHER_' }).get('TOKEN')).toBeUndefined()
  })
})

describe('environmentSecrets reads the file that a variable names', () => {
  test.for([
    ['without the newline at its end', 'value\n', 'value'],
    ['without a newline of two characters', 'value\r\n', 'value'],
    ['with all newlines but the last', '\nfirst\nsecond\n\n', '\nfirst\nsecond\n'],
    ['as it is where it ends without one', 'value ', 'value '],
    ['with its byte order mark', '\ufeffvälue', '\ufeffvälue'],
  ] as const)('%s', async ([, text, value]) => {
    expect(await environmentSecrets({ env: { TOKEN_FILE: fileOf('token', text) } }).get('TOKEN')).toBe(value)
  })

  test.for(['', '\n'])('and finds no value in %j', async (text) => {
    expect(await environmentSecrets({ env: { TOKEN_FILE: fileOf('empty', text) } }).get('TOKEN')).toBeUndefined()
  })

  test('through a symbolic link, as containers mount it', async () => {
    symlinkSync(fileOf('target', 'value'), join(folder, 'link'))
    expect(await environmentSecrets({ env: { TOKEN_FILE: join(folder, 'link') } }).get('TOKEN')).toBe('value')
  })

  test('only where the variable itself has no value', async () => {
    const file = fileOf('second', 'of the file')
    expect(await environmentSecrets({ env: { TOKEN: 'own', TOKEN_FILE: file } }).get('TOKEN')).toBe('own')
    expect(await environmentSecrets({ env: { TOKEN: '', TOKEN_FILE: file } }).get('TOKEN')).toBe('of the file')
  })

  test('only where files are wanted', async () => {
    const secrets = environmentSecrets({ env: { TOKEN_FILE: fileOf('unwanted', 'value') }, files: false })
    expect(await secrets.get('TOKEN')).toBeUndefined()
  })
})

describe('environmentSecrets rejects a file that it cannot read, and names the variable', () => {
  const large = fileOf('large', '')
  truncateSync(large, 2 ** 20 + 1)

  test.for([
    ['one that does not exist', join(folder, 'nowhere'), /API_KEY_FILE .*ENOENT/],
    ['a folder', folder, /API_KEY_FILE .*is no file/],
    ['a device without an end', '/dev/zero', /API_KEY_FILE .*\/dev\/zero is no file/],
    ['one that is too large', large, /API_KEY_FILE .*has 1048577 bytes, more than 1048576/],
    ['one that is not text', fileOf('binary', new Uint8Array([0x73, 0xff])), /API_KEY_FILE .*not valid/],
  ] as const)('%s', async ([, path, message]) => {
    await expect(environmentSecrets({ env: { API_KEY_FILE: path } }).get('API_KEY')).rejects.toThrow(message)
  })
})
