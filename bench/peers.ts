import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('peers/', import.meta.url))

/** Installs the peers into a folder of their own, where they are not. Gives why they could not be; they are then told as failed. */
export function installPeers(): string | undefined {
  if (existsSync(`${folder}node_modules`) || !existsSync(`${folder}package.json`)) return undefined
  console.log('installing the peers into bench/peers')
  const { status, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  if (status === 0) return undefined
  return `npm ci in bench/peers: ${error?.message ?? stderr.split('\n').find((line) => line !== '') ?? `ended with ${status}`}`
}
