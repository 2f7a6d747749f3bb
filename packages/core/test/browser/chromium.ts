import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The Chromium that is installed here, if one is. */
export function installedChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// Without a screen, without what a browser does for people, and without a name server.
const options = [
  ...['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check', '--disable-gpu'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions'],
  ...['--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND'],
  // Its sandbox cannot be had in most containers, nor by root; the page is our own.
  '--no-sandbox',
]

/**
 * Opens a page in a browser of its own, with an empty profile, and gives what the
 * promise `name` there becomes. However it ends, the browser with all its processes has ended before.
 */
export async function valueInChromium(program: string, url: string, name: string): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'segno-chromium-'))
  const browser = spawn(program, [...options, `--user-data-dir=${profile}`, 'about:blank'], {
    // A group of its own, so that none of its processes is left behind.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const ended = once(browser, 'close')
  try {
    const [, , , input, output] = browser.stdio
    const call = callerOver(input as Writable, output as Readable)
    const whenEnded = ended.then(() => Promise.reject(new Error(`${program} has ended`)))
    return await Promise.race([valueInPage(call, url, name), whenEnded])
  } finally {
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL')
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}

type Call = (method: string, params: object, sessionId?: string) => Promise<Readonly<Record<string, unknown>>>

async function valueInPage(call: Call, url: string, name: string): Promise<unknown> {
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  await call('Page.navigate', { url }, session)
  // Also where the page is not there yet: its script may come later than the answer.
  const expression = `new Promise((resolve, reject) => {
    const look = () => ('${name}' in globalThis ? resolve(globalThis.${name}) : setTimeout(look, 10))
    addEventListener('error', (event) => reject(event.message))
    look()
  })`
  const evaluation = { expression, awaitPromise: true, returnByValue: true }
  const { result, exceptionDetails } = await call('Runtime.evaluate', evaluation, session)
  if (exceptionDetails !== undefined) throw new Error(`the page failed: ${JSON.stringify(exceptionDetails)}`)
  return (result as { readonly value?: unknown }).value
}

// The protocol of the browser's developer tools: JSON, each message ended by a zero byte.
function callerOver(input: Writable, output: Readable): Call {
  const waiting = new Map<number, PromiseWithResolvers<Readonly<Record<string, unknown>>>>()
  let rest = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message) as Answer
      if (id === undefined) continue
      if (error === undefined) waiting.get(id)?.resolve(result ?? {})
      else waiting.get(id)?.reject(new Error(error.message))
      waiting.delete(id)
    }
  })
  let last = 0
  return (method, params, sessionId) => {
    const id = ++last
    const answer = Promise.withResolvers<Readonly<Record<string, unknown>>>()
    waiting.set(id, answer)
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`)
    return answer.promise
  }
}

interface Answer {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}
