import type { Definition, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { isSameWork } from './same-work.ts'
import type { PlanNode } from './plan.ts'

const child = (id: string): Definition => ({ segno: 1, name: 'child', steps: [{ id, set: {} }] })

function nodeOf(verb: object, called: string): PlanNode | undefined {
  const imports = { child: child(called) }
  return compile(workflow([{ id: 'x', ...verb } as Step], { imports })).nodes.find(({ id }) => id === 'x')
}

const isSame = (before: object, now: object, calls: readonly [string, string] = ['a', 'a']): boolean =>
  isSameWork(nodeOf(before, calls[0]), nodeOf(now, calls[1]))

test.for<readonly [string, object, object]>([
  ['another input', { uses: 'h', with: 1 }, { uses: 'h', with: 2 }],
  ['another retry', { uses: 'h' }, { uses: 'h', retry: { max: 3 }, timeout: '1m' }],
  ['other arguments', { exec: ['ls', 'a'] }, { exec: ['ls', 'b'] }],
  ['another signal', { waitFor: { signal: 'a' } }, { waitFor: { signal: 'b' } }],
  ['another title', { ask: { title: 'a', choices: ['b'] } }, { ask: { title: 'c', choices: ['b'] } }],
  ['other steps inside', { do: [{ id: 'a', set: {} }] }, { do: [{ id: 'b', set: {} }] }],
  ['the same child, otherwise given', { start: 'child' }, { start: 'child', wait: false }],
  [
    'keys in another order',
    { ask: { title: 'a', form: { b: { type: 'string' }, c: { type: 'string' } } } },
    { ask: { title: 'a', form: { c: { type: 'string' }, b: { type: 'string' } } } },
  ],
])('a step with %s does the same', ([, before, now]) => {
  expect(isSame(before, now)).toBe(true)
})

test.for<readonly [string, object, object]>([
  ['another handler', { uses: 'h' }, { uses: 'i' }],
  ['another major version of its handler', { uses: 'h@1' }, { uses: 'h@2' }],
  ['a major version of its handler, where any would have done', { uses: 'h' }, { uses: 'h@1' }],
  ['another kind', { sleep: '1h' }, { waitFor: { signal: 'a' } }],
  ['another script', { run: 'ls' }, { run: 'ls -l' }],
  ['another directory', { run: 'ls', workspace: { cwd: 'a' } }, { run: 'ls', workspace: { cwd: 'b' } }],
  ['another capture', { run: 'ls', output: { from: 'text' } }, { run: 'ls', output: { from: 'json' } }],
  ['a host that data gives', { http: { url: 'https://a.example' } }, { http: { url: '${{ run.id }}' } }],
  ['other choices', { ask: { title: 'a', choices: ['b'] } }, { ask: { title: 'a', choices: ['b', 'c'] } }],
  [
    'another form',
    { ask: { title: 'a', form: { b: { type: 'string' } } } },
    { ask: { title: 'a', form: { b: { type: 'integer' } } } },
  ],
])('a step with %s does not', ([, before, now]) => {
  expect(isSame(before, now)).toBe(false)
})

test('a step that starts another workflow does not do the same', () => {
  expect(isSame({ start: 'child' }, { start: 'child' }, ['a', 'b'])).toBe(false)
})

test('what is not there does not do the same as anything', () => {
  const step = nodeOf({ do: [] }, 'a')
  expect([isSameWork(step, undefined), isSameWork(undefined, step), isSameWork(undefined, undefined)]).toEqual([
    false,
    false,
    false,
  ])
})
