import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { identityOf, isDead, isDeadHere, ownIdentity } from './process-identity.ts'

// Elsewhere nothing can be known, and leases are judged by their time alone.
const hasProc = existsSync('/proc/self/stat')

describe.runIf(hasProc)('a process', () => {
  test('is not dead while it runs, and is dead once it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    const identity = identityOf(child.pid ?? 0)
    expect(isDead(identity)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(isDead(identity)).toBe(true)
  })

  test('is dead if its number is that of a process that began at another time', () => {
    expect(isDead({ ...ownIdentity(), startTime: '1' })).toBe(true)
  })

  test('is dead if the host has started again since', () => {
    expect(isDead({ ...ownIdentity(), boot: 'another' })).toBe(true)
  })

  test('is not known to be dead from another host, from another namespace, or without a start time', () => {
    const gone = { ...ownIdentity(), pid: 2 ** 22 + 1 }
    const { startTime, ...timeless } = gone
    expect(startTime).toBeDefined()
    expect([isDead(gone), isDead(timeless)]).toEqual([true, false])
    expect(isDead({ ...gone, host: 'elsewhere', boot: 'another' })).toBe(false)
    expect(isDead({ ...gone, namespace: 'pid:[1]' })).toBe(false)
  })

  test('of a store that hosts share is dead by its own start of the system only, and in its own namespace', () => {
    const gone = { ...ownIdentity(), pid: 2 ** 22 + 1 }
    const { namespace, ...nowhere } = gone
    expect(namespace).toBeDefined()
    expect([isDeadHere(gone), isDeadHere(ownIdentity())]).toEqual([true, false])
    expect([isDeadHere({ ...gone, boot: 'another' }), isDeadHere(nowhere)]).toEqual([false, false])
  })
})

test('this process is not dead', () => {
  expect(isDead(ownIdentity())).toBe(false)
})
