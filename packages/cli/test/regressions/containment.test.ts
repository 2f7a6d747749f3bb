/**
 * Paths that left the folder which they were to stay in.
 *
 * | test | what was wrong |
 * |---|---|
 * | a folder whose name begins like the workspace's … | what lies inside was told by how a path begins: \`out2\` passed for a part of \`out\` |
 * | a link out of the workspace … | links were followed before that, or after it |
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mistakes, openWorld, type World } from './world.ts'

const timeout = 30_000

/** A workspace `out` beside a folder `out2` with a file, and links in the one to the other. */
function twoFolders(): World {
  const world = openWorld()
  const sibling = join(world.folder, 'out2')
  mkdirSync(sibling)
  writeFileSync(join(sibling, 'private.txt'), 'private')
  mkdirSync(join(world.workspace, 'inner'))
  writeFileSync(join(world.workspace, 'inner', 'plain.txt'), 'plain')
  symlinkSync(sibling, join(world.workspace, 'link'))
  symlinkSync('../../out2', join(world.workspace, 'inner', 'relative'))
  symlinkSync(join(sibling, 'private.txt'), join(world.workspace, 'private.txt'))
  symlinkSync('inner', join(world.workspace, 'within'))
  return world
}

describe("a folder whose name begins like the workspace's", { timeout }, () => {
  test.for(['../out2', 'inner/../../out2', '/out2'])('cannot be worked in: %s', (cwd) => {
    expect(mistakes(`steps: [{ id: a, exec: [pwd], workspace: { cwd: "${cwd}" } }]`)).toHaveLength(1)
  })

  test.for([
    ['file', '../out2/private.txt'],
    ['files', '../out2/*'],
    ['file', 'inner/../../out2/private.txt'],
  ] as const)('cannot be captured from: %s %s', async ([from, path]) => {
    expect(mistakes(`steps: [{ id: a, exec: [pwd], output: { from: ${from}, path: "${path}" } }]`)).toHaveLength(1)
    await using world = twoFolders()
    const { result } = await world.play(
      `input: { path: { type: string } }\nsteps: [{ id: a, exec: [pwd], output: { from: ${from}, path: "\${{ input.path }}" } }]`,
      { path },
    )
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'PATH_UNSAFE' } })
  })

  test.for(['../out2/private.txt', 'inner/../../out2/private.txt'])('cannot be an input: %s', async (path) => {
    await using world = twoFolders()
    const start = world.start('input: { path: { type: path, mustExist: true } }\nsteps: [{ id: a, set: {} }]', { path })
    await expect(start).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  test('is not under the folder that an input has to be in', async () => {
    await using world = openWorld()
    mkdirSync(join(world.workspace, 'docs'))
    mkdirSync(join(world.workspace, 'docs2'))
    for (const folder of ['docs', 'docs2']) writeFileSync(join(world.workspace, folder, 'a.md'), '')
    const definition = 'input: { path: { type: path, under: docs, mustExist: true } }\nsteps: [{ id: a, set: {} }]'

    expect((await world.play(definition, { path: 'docs/a.md' })).result.status).toBe('completed')
    for (const path of ['docs2/a.md', 'docs/../docs2/a.md']) {
      await expect(world.start(definition, { path })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    }
  })
})

describe('a link out of the workspace', { timeout }, () => {
  const ended = async (step: string): Promise<unknown> => {
    await using world = twoFolders()
    const { result } = await world.play(`
output: { given: { value: "\${{ steps.work.output }}" } }
steps: [{ id: work, ${step} }]`)
    return result.status === 'failed' ? result.failure.code : result
  }

  test.for(['link', 'inner/relative', 'within/relative'])('cannot be worked in: %s', async (cwd) => {
    expect(await ended(`exec: [ls], output: { from: lines }, workspace: { cwd: ${cwd} }`)).toBe('PATH_UNSAFE')
  })

  test.for(['link/private.txt', 'private.txt', 'inner/relative/private.txt'])(
    'cannot be captured: %s',
    async (path) => {
      expect(await ended(`exec: [pwd], output: { from: file, path: ${path} }`)).toBe('PATH_UNSAFE')
    },
  )

  test.for([
    ['*.txt', 'PATH_UNSAFE'],
    ['**/private.txt', 'PATH_UNSAFE'],
    ['link/private.txt', []],
    ['link/*', []],
    ['inner/relative/*.txt', []],
  ] as const)('gives nothing from outside to a list of files: %s', async ([pattern, expected]) => {
    const given = await ended(`exec: [pwd], output: { from: files, path: "${pattern}" }`)
    expect(given).toEqual(
      typeof expected === 'string' ? expected : { status: 'completed', output: { given: expected } },
    )
  })

  test('is not taken for one that stays inside', async () => {
    const output = { given: 'plain' }
    for (const path of ['inner/plain.txt', 'within/plain.txt']) {
      expect(await ended(`exec: [pwd], output: { from: file, path: ${path} }`)).toEqual({ status: 'completed', output })
    }
    expect(await ended('exec: [cat, plain.txt], output: { from: stdout }, workspace: { cwd: within }')).toEqual({
      status: 'completed',
      output,
    })
  })

  test.for(['link', 'link/private.txt', 'private.txt', 'inner/relative'])('leads to no input: %s', async (path) => {
    await using world = twoFolders()
    const start = world.start('input: { path: { type: path, mustExist: true } }\nsteps: [{ id: a, set: {} }]', { path })
    await expect(start).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
