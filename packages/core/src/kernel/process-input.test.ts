import type { Definition, Json, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'

const input = { list: [1], none: null, dash: '-rf', nul: 'a\0b', plain: 'a' }

/** What a process is started with, or why it is not. */
function started(step: object, rest: Partial<Definition> = {}): Json | undefined {
  const world = new World(workflow([{ id: 'x', ...step } as Step], rest), { input })
  const { failure } = world.state
  if (failure === undefined) return world.attempts()[0]?.input as Json
  expect(failure.retryable).toBe(false)
  return `${failure.code}: ${failure.message}`
}

const block = (env: object, step: object): object => ({ do: [{ id: 'y', ...step }], env })

test.for<readonly [string, object, Json]>([
  [
    'a program gets its arguments as texts',
    { exec: ['ls', 1, true, '${{ input.plain }}'] },
    { argv: ['ls', '1', 'true', 'a'] },
  ],
  ['a script gets no arguments, and no variables unless it has some', { run: 'ls' }, {}],
  ['variables are texts', { run: 'ls', env: { A: 1, B: false } }, { env: { A: '1', B: 'false' } }],
  [
    'a block hands its variables down',
    block({ A: 'outer', B: '${{ input.plain }}' }, { run: 'ls', env: { A: 'own' } }),
    { env: { A: 'own', B: 'a' } },
  ],
  [
    'the path of an output is given as it is',
    { exec: ['ls'], output: { from: 'file', path: '${{ input.plain }}.txt' } },
    { argv: ['ls'], path: 'a.txt' },
  ],
  ['what data gives may follow a `--`', { exec: ['rm', '--', '${{ input.dash }}'] }, { argv: ['rm', '--', '-rf'] }],
  ['a program may itself come from data', { exec: ['${{ input.dash }}'] }, { argv: ['-rf'] }],
])('%s', ([, step, expected]) => {
  expect(started(step)).toEqual(expected)
})

const noText = 'expected a text, a number or a boolean'

test.for<readonly [string, object, string]>([
  [
    'an argument is a list',
    { exec: ['ls', '${{ input.list }}'] },
    `TYPE_MISMATCH: argument 1 of the program is [1]; ${noText}`,
  ],
  [
    'an argument is null',
    { exec: ['${{ input.none }}'] },
    `TYPE_MISMATCH: argument 0 of the program is null; ${noText}`,
  ],
  [
    'an argument holds a NUL',
    { exec: ['ls', '${{ input.nul }}'] },
    'ARGUMENT_REFUSED: argument 1 of the program holds a NUL character',
  ],
  [
    'an argument would be an option',
    { exec: ['rm', '${{ input.dash }}'] },
    'ARGUMENT_REFUSED: argument 1 of the program is "-rf", which it would read as an option; ' +
      'write "--" before it, or join it as in --name=${{ … }}',
  ],
  [
    'a variable is a list',
    { run: 'ls', env: { A: '${{ input.list }}' } },
    `TYPE_MISMATCH: the variable A is [1]; ${noText}`,
  ],
  [
    'a variable of a block is null',
    block({ A: '${{ input.none }}' }, { run: 'ls' }),
    `TYPE_MISMATCH: the variable A is null; ${noText}`,
  ],
  [
    'a variable holds a NUL',
    { run: 'ls', env: { A: '${{ input.nul }}' } },
    'ARGUMENT_REFUSED: the variable A holds a NUL character',
  ],
  [
    'a path is no text',
    { run: 'ls', output: { from: 'file', path: '${{ input.list }}' } },
    'TYPE_MISMATCH: `output.path` is [1]; expected a path',
  ],
  [
    'a path is empty',
    { run: 'ls', output: { from: 'file', path: '${{ "" }}' } },
    'TYPE_MISMATCH: `output.path` is ""; expected a path',
  ],
])('a process is not started where %s', ([, step, expected]) => {
  expect(started(step)).toBe(expected)
})

test.for<readonly [string, object]>([
  ['an argument', { exec: ['ls', '${{ input.missing }}'] }],
  ['a variable of a block', block({ A: '${{ input.missing }}' }, { run: 'ls' })],
])('a process is not started where %s cannot be evaluated', ([, step]) => {
  expect(started(step)).toMatch(/^MISSING_VALUE: /)
})

test('the variables of a block mean what they mean where the block stands', () => {
  const inner = { id: 'inner', forEach: { in: ['b'] }, do: [{ id: 'work', exec: ['ls', '${{ item }}'] }] }
  const step = {
    forEach: { in: ['a'] },
    do: [{ ...inner, env: { ITEM: '${{ item }}' } }],
    env: { LIST: '${{ run.id }}' },
  }
  expect(started(step)).toEqual({ argv: ['ls', 'b'], env: { LIST: 'run', ITEM: 'a' } })
})
