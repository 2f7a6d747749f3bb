import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { SegnoError } from '../error.ts'
import { createEngine } from './engine.ts'
import type { HandlerContext } from './handler.ts'
import { memoryStorage } from './memory-storage.ts'
import { definePlugin, type Plugin } from './plugin.ts'

const definition: Definition = {
  segno: 1,
  name: 'shout',
  output: { text: { type: 'string', value: '${{ steps.shout.output }}' } },
  steps: [{ id: 'shout', uses: 'text.upper', with: { text: 'hello' } }],
}

const upper = (_: HandlerContext, { text }: { text: string }): string => text.toUpperCase()
const hang = ({ signal }: HandlerContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

function textPlugin(version: string, perform: Plugin['handlers'][string] = upper): Plugin {
  return definePlugin({ name: '@acme/text', version, handlers: { 'text.upper': perform } })
}

describe('an engine with a plugin', () => {
  test('runs steps that call its handlers, and the journal has their version', async () => {
    await using engine = createEngine({ plugins: [textPlugin('3.2.1')] })
    const run = await engine.start(definition)
    expect(await run.output()).toEqual({ text: 'HELLO' })
    const { value: created } = await run.events()[Symbol.asyncIterator]().next()
    expect(created).toMatchObject({ type: 'run.created', handlers: { 'text.upper': { version: '3.2.1' } } })
  })

  test('is not made where two bring the same', () => {
    const make = () => createEngine({ handlers: { 'text.upper': upper }, plugins: [textPlugin('1.0.0')] })
    expect(make).toThrow(expect.objectContaining({ code: 'PLUGIN_CONFLICT' }) as SegnoError)
  })

  test('blocks a run that began with another major version of the plugin', async () => {
    const storage = memoryStorage()
    const first = createEngine({ storage, plugins: [textPlugin('1.4.0', hang)] })
    const { id } = await first.start(definition)
    await first.close()
    await using second = createEngine({ storage, plugins: [textPlugin('2.0.0')] })
    await second.recover()
    for await (const event of second.run(id).events()) {
      if (event.type !== 'step.blocked') continue
      expect(event.failure).toMatchObject({ code: 'HANDLER_VERSION' })
      break
    }
    expect(await second.run(id).status()).toBe('blocked')
  })
})
