import { describe, expect, test } from 'vitest'
import { SegnoError } from '../error.ts'
import { handlerNames, handlerTable, type HandlerOptions } from './handler-table.ts'
import { definePlugin, type PluginManifest } from './plugin.ts'

const perform = (): string => 'done'
const mail = definePlugin({ name: '@acme/mail', version: '1.2.0', handlers: { 'mail.send': perform } })
const post = definePlugin({ name: '@acme/post', version: '2.0.0', handlers: { 'mail.send': perform, letter: perform } })

function conflicts(options: HandlerOptions): { readonly message: string; readonly details: unknown } {
  try {
    handlerTable(options)
  } catch (error) {
    if (SegnoError.is(error, 'PLUGIN_CONFLICT')) return { message: error.message, details: error.details }
    throw error
  }
  return { message: 'none', details: undefined }
}

function pinOf(handlers: PluginManifest['handlers'], name: string): unknown {
  return handlerTable({ plugins: [definePlugin({ name: 'p', version: '3.1.0', handlers })] }).pins[name]
}

describe('a handler of a plugin', () => {
  test('has the version of its plugin, unless it says another', () => {
    expect(pinOf({ a: perform }, 'a')).toEqual({ version: '3.1.0' })
    expect(pinOf({ a: { perform } }, 'a')).toEqual({ version: '3.1.0' })
    expect(pinOf({ a: { perform, version: '0.4.0', effect: 'once' } }, 'a')).toEqual({
      version: '0.4.0',
      effect: 'once',
    })
  })

  test("stands beside the host's own, which are version 1.0.0 unless they say another", () => {
    const { handlers, pins } = handlerTable({ handlers: { greet: perform }, plugins: [mail] })
    expect([...handlers.keys()]).toEqual(['greet', 'mail.send'])
    expect(pins).toEqual({ greet: { version: '1.0.0' }, 'mail.send': { version: '1.2.0' } })
    expect(handlerNames({ handlers: { greet: perform }, plugins: [mail] })).toEqual(['greet', 'mail.send'])
  })
})

test('a handler that is frozen is taken as it is', () => {
  const { handlers } = handlerTable({ handlers: { a: Object.freeze({ perform, version: '2.0.0' }) } })
  expect(handlers.get('a')?.version).toBe('2.0.0')
})

test('a handler that is an instance keeps its `this`', async () => {
  class Counter {
    #count = 0
    perform(): number {
      return ++this.#count
    }
  }
  const counter = new Counter()
  const { handlers } = handlerTable({ handlers: { count: counter } })
  const call = handlers.get('count')?.perform as () => unknown
  expect([call(), call()]).toEqual([1, 2])
})

describe('a conflict is refused with the names of both:', () => {
  test('a handler that two plugins bring', () => {
    const message = 'The handler "mail.send" comes from @acme/mail 1.2.0 and from @acme/post 2.0.0'
    expect(conflicts({ plugins: [mail, post] })).toEqual({
      message,
      details: [{ handler: 'mail.send', between: ['@acme/mail 1.2.0', '@acme/post 2.0.0'], message }],
    })
  })

  test('a handler that a plugin and the host bring', () => {
    const message = `The handler "mail.send" comes from the host's own handlers and from @acme/mail 1.2.0`
    expect(conflicts({ handlers: { 'mail.send': perform }, plugins: [mail] })).toEqual({
      message,
      details: [{ handler: 'mail.send', between: ['handlers', '@acme/mail 1.2.0'], message }],
    })
  })

  test('a plugin that is given twice, once and not for each of its handlers', () => {
    const later = definePlugin({ ...pick(mail), version: '2.0.0' })
    const message = 'The plugin @acme/mail is given twice: @acme/mail 1.2.0 and @acme/mail 2.0.0'
    expect(conflicts({ plugins: [mail, later] })).toEqual({
      message,
      details: [{ between: ['@acme/mail 1.2.0', '@acme/mail 2.0.0'], message }],
    })
    expect(conflicts({ plugins: [mail, mail] }).message).toContain('@acme/mail is given twice')
  })

  test('all conflicts at once, a line each', () => {
    const { message, details } = conflicts({ handlers: { letter: perform }, plugins: [mail, post, mail] })
    expect(message.split('\n')).toEqual([
      'The plugin @acme/mail is given twice: @acme/mail 1.2.0 and @acme/mail 1.2.0',
      'The handler "mail.send" comes from @acme/mail 1.2.0 and from @acme/post 2.0.0',
      `The handler "letter" comes from the host's own handlers and from @acme/post 2.0.0`,
    ])
    expect(details).toHaveLength(3)
  })
})

function pick({ name, version, handlers }: PluginManifest): PluginManifest {
  return { name, version, handlers }
}
