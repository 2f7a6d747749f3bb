import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A `segno.config.mjs` with handlers that write what they do into the file `ledger` of their folder. */
export const ledgerConfig = `
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
  const aborted = (signal) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  export default {
    handlers: {
      note: (_, { text }) => appendFileSync('ledger', text + '\\n'),
      hang: async ({ signal }) => { appendFileSync('ledger', 'hang\\n'); await aborted(signal) },
      // Hangs when it is called for the first time, saying what it is told to, and completes from the second on.
      once: async ({ signal }, input) => {
        appendFileSync('ledger', 'once\\n')
        if (existsSync('been-here')) return
        writeFileSync('been-here', '')
        if (input?.say !== undefined) console.log(input.say)
        await aborted(signal)
      },
      refuse: () => {
        if (!existsSync('mended')) throw Object.assign(new Error('the card was declined'), { code: 'DECLINED' })
      },
    },
  }`

/** What handlers wrote in a folder; nothing where none was called. */
export function ledgerIn(cwd: string): string {
  const file = join(cwd, 'ledger')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
