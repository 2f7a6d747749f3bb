import { describe, expect, test } from 'vitest'
import type { Disk } from '../../src/file/disk.ts'
import { crashStates } from './crash-states.ts'
import { emptyDisk } from './disk-image.ts'
import { diskError, SimulatedDisk } from './simulated-disk.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

async function shown(disk: Disk, path: string): Promise<string | undefined> {
  const bytes = await disk.read(path)
  return bytes && new TextDecoder().decode(bytes)
}

// What `/f` may hold after a crash at any moment of the work, which begins on a disk that has it.
async function afterCrash(work: (disk: Disk) => Promise<void>): Promise<Set<string | undefined>> {
  const before = new SimulatedDisk()
  await written(before.disk(), '/f', 'old')
  const simulated = new SimulatedDisk(before.image)
  await work(simulated.disk())
  const found = new Set<string | undefined>()
  for (let count = 0; count <= simulated.changes.length; count += 1) {
    for (const image of crashStates(simulated.initial, simulated.changes, count))
      found.add(await shown(new SimulatedDisk(image).disk(), '/f'))
  }
  return found
}

async function written(disk: Disk, path: string, value: string): Promise<void> {
  const file = await disk.create(path)
  await file?.write(text(value))
  await file?.sync()
  await file?.close()
}

describe('a simulated disk', () => {
  test('keeps files and folders as a process sees them', async () => {
    const disk = new SimulatedDisk().disk()
    await disk.makeFolder('/a/b')
    await written(disk, '/a/b/f', 'one')
    const file = await disk.open('/a/b/f')
    await file?.write(text(' two'))
    expect(await shown(disk, '/a/b/f')).toBe('one two')
    expect(await disk.read('/a/b/f', 4, 2)).toEqual(text('tw'))
    expect([await disk.list('/a'), await disk.list('/a/b'), await disk.list('/c')]).toEqual([['b'], ['f'], undefined])
    expect((await disk.look('/a/b/f'))?.size).toBe(7)
    expect([await disk.look('/a/b/g'), await disk.read('/x/y'), await disk.open('/g')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('gives names as POSIX does', async () => {
    const disk = new SimulatedDisk().disk()
    expect([await disk.makeNewFolder('/a'), await disk.makeNewFolder('/a')]).toEqual([true, false])
    await written(disk, '/a/f', 'f')
    expect(await disk.create('/a/f')).toBeUndefined()
    expect([await disk.link('/a/f', '/g'), await disk.link('/a/f', '/g'), await disk.link('/none', '/h')]).toEqual([
      true,
      false,
      false,
    ])
    expect([await disk.remove('/a/f'), await disk.remove('/a/f'), await shown(disk, '/g')]).toEqual([true, false, 'f'])
    await written(disk, '/a/f', 'new')
    expect([await disk.rename('/a', '/b'), await disk.rename('/a', '/b')]).toEqual([true, false])
    await disk.makeFolder('/a')
    expect(await disk.rename('/a', '/b')).toBe(false)
    expect([await disk.rename('/b/f', '/g'), await shown(disk, '/g')]).toEqual([true, 'new'])
    await disk.removeFolder('/b')
    expect((await disk.list('/'))?.toSorted()).toEqual(['a', 'g', 'host'])
    await expect(disk.create('/none/f')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(disk.syncFolder('/none')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('fails where it is told to, in the middle of a write too', async () => {
    const simulated = new SimulatedDisk()
    const disk = simulated.disk({
      async before({ name, path }) {
        if (name === 'write') return { bytes: () => 2, error: diskError('ENOSPC', path) }
        if (name === 'sync') return { bytes: () => 0, error: diskError('EIO', path) }
        return undefined
      },
    })
    const file = await disk.create('/f')
    await expect(file?.write(text('abc'))).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(file?.sync()).rejects.toMatchObject({ code: 'EIO' })
    expect(await shown(disk, '/f')).toBe('ab')
  })
})

describe('after a crash', () => {
  test('a file that is written anew and renamed is the old one or the new one', async () => {
    const found = await afterCrash(async (disk) => {
      await written(disk, '/tmp', 'new')
      await disk.rename('/tmp', '/f')
      await disk.syncFolder('/')
    })
    expect(found).toEqual(new Set(['new', 'old']))
  })

  test('a file that is renamed before it is durable may be empty, cut, or zeros', async () => {
    const found = await afterCrash(async (disk) => {
      const file = await disk.create('/tmp')
      await file?.write(text('new!'))
      await disk.rename('/tmp', '/f')
    })
    expect(found).toEqual(new Set(['old', '', '\0\0\0\0', '\0\0w!', 'ne', 'ne\0\0', 'new', 'new!']))
  })

  test('what was appended and not synced is there in any part, and what was synced whole', async () => {
    const found = await afterCrash(async (disk) => {
      const file = await disk.open('/f')
      await file?.write(text('+a'))
      await file?.sync()
      await file?.write(text('+b'))
    })
    expect(found).toContain('old')
    expect(found).toContain('old\0\0')
    expect(found).toContain('old+a+')
    expect(found).toContain('old+a\0\0')
    expect(found).not.toContain('old+b')
  })

  test('names are lost last first within a folder, and on their own in each folder', async () => {
    const simulated = new SimulatedDisk()
    const disk = simulated.disk()
    await disk.makeFolder('/a')
    await disk.makeFolder('/b')
    await disk.syncFolder('/')
    for (const path of ['/a/1', '/a/2', '/b/1']) await disk.create(path)
    const found = new Set<string>()
    for (const image of crashStates(emptyDisk, simulated.changes, simulated.changes.length)) {
      const there = new SimulatedDisk(image).disk()
      found.add(`a:${(await there.list('/a'))?.join('')} b:${(await there.list('/b'))?.join('')}`)
    }
    expect(found).toEqual(new Set(['a: b:', 'a: b:1', 'a:1 b:', 'a:1 b:1', 'a:12 b:', 'a:12 b:1']))
  })

  test('what was removed may be there again until its folder is synced', async () => {
    const found = await afterCrash(async (disk) => {
      await disk.remove('/f')
      await disk.syncFolder('/')
    })
    expect([...found]).toEqual(['old', undefined])
  })

  test('a folder that is removed loses its names one by one', async () => {
    const simulated = new SimulatedDisk()
    await simulated.disk().makeFolder('/a')
    for (const path of ['/a/1', '/a/2']) await simulated.disk().create(path)
    const full = new SimulatedDisk(simulated.image)
    await full.disk().removeFolder('/a')
    const left = new Set<string | undefined>()
    for (let count = 0; count <= full.changes.length; count += 1)
      for (const image of crashStates(full.initial, full.changes, count))
        left.add((await new SimulatedDisk(image).disk().list('/a'))?.join(''))
    expect([...left]).toEqual(['12', '2', '', undefined])
  })
})
