import { describe, expect, test } from 'vitest'
import { SegnoError } from '../error.ts'
import type { EngineOptions } from './engine-options.ts'
import { handlerNames } from './handler-table.ts'
import { definePlugin, type Plugin, type PluginManifest } from './plugin.ts'

const manifest: PluginManifest = {
  name: '@acme/mail',
  version: '1.2.0',
  description: 'Sends mails.',
  handlers: { 'mail.send': () => 'sent' },
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (SegnoError.is(error, 'ARGUMENT_INVALID')) return error.message
    throw error
  }
  return 'it was taken'
}

/** What an engine says to something that is given as its only plugin. */
function atTheDoor(given: unknown): string {
  return refusal(() => handlerNames({ plugins: [given as Plugin] }))
}

describe('definePlugin', () => {
  test('gives a plain object with the version of the contract', () => {
    expect({ ...definePlugin(manifest) }).toEqual({ segno: 1, ...manifest })
    expect(JSON.parse(JSON.stringify(definePlugin(manifest)))).toMatchObject({ segno: 1, name: '@acme/mail' })
  })

  test('freezes the plugin and its list of handlers, and leaves what it was given alone', () => {
    const plugin = definePlugin(manifest)
    expect(Object.isFrozen(plugin)).toBe(true)
    expect(Object.isFrozen(plugin.handlers)).toBe(true)
    expect(Object.isFrozen(manifest.handlers)).toBe(false)
  })

  test.for<readonly [what: string, changed: object, says: string]>([
    ['no name', { name: undefined }, '`name` of the plugin is undefined; expected the name of an npm package'],
    ['a name in capitals', { name: '@Acme/Mail' }, '`name` of the plugin is "@Acme/Mail"'],
    ['a name with two slashes', { name: '@acme/mail/smtp' }, '`name` of the plugin is "@acme/mail/smtp"'],
    ['a name that begins with a dot', { name: '.mail' }, '`name` of the plugin is ".mail"'],
    ['a name that is a path', { name: '../mail' }, '`name` of the plugin is "../mail"'],
    ['a name of 215 characters', { name: 'm'.repeat(215) }, '`name` of the plugin is "mmm'],
    ['no version', { version: undefined }, '`version` of the plugin @acme/mail is undefined'],
    ['a range', { version: '^1.2.0' }, '`version` of the plugin @acme/mail is "^1.2.0"; expected a semantic version'],
    ['a number as version', { version: 1 }, '`version` of the plugin @acme/mail is a number'],
    ['a description that is no text', { description: ['x'] }, '`description` of the plugin @acme/mail is a list'],
    ['no handlers', { handlers: undefined }, '`handlers` of the plugin @acme/mail is undefined; expected a map'],
    ['a list of handlers', { handlers: [() => 1] }, '`handlers` of the plugin @acme/mail is a list'],
    ['a Map of handlers', { handlers: new Map([['a', () => 1]]) }, 'has none: a plugin brings at least one'],
    ['a key that nobody reads', { handler: {} }, 'The plugin @acme/mail has an unknown key "handler"'],
    ['a handler that is a text', { handlers: { send: 'x' } }, 'The handler "send" of @acme/mail 1.2.0 is neither'],
    ['the name of a verb', { handlers: { exec: () => 1 } }, 'cannot be called "exec" of @acme/mail 1.2.0'],
    ['a name that `uses` cannot hold', { handlers: { 'send mail': () => 1 } }, 'no `uses` can name it'],
    ['a name with a major version', { handlers: { 'send@2': () => 1 } }, 'no `uses` can name it'],
    [
      'a handler with a version that is none',
      { handlers: { send: { version: '1', perform: () => 1 } } },
      'The version "1" of the handler "send" of @acme/mail 1.2.0 is not semantic',
    ],
    [
      'a handler with an effect that there is not',
      { handlers: { send: { effect: 'twice', perform: () => 1 } } },
      'The effect "twice" of the handler "send" of @acme/mail 1.2.0 is none of pure, idempotent, once',
    ],
    [
      'a handler with a title that is no text',
      { handlers: { send: { title: 1, perform: () => 1 } } },
      '`title` of the handler "send" of @acme/mail 1.2.0 is not a text',
    ],
    [
      'a handler with a validator of another kind',
      { handlers: { send: { input: { type: 'object' }, perform: () => 1 } } },
      '`input` of the handler "send" of @acme/mail 1.2.0 is not a Standard Schema',
    ],
  ])('refuses %s', ([, changed, says]) => {
    expect(refusal(() => definePlugin({ ...manifest, ...changed }))).toContain(says)
    // A plain object that never saw definePlugin is judged by the same rules.
    expect(atTheDoor({ segno: 1, ...manifest, ...changed })).not.toBe('it was taken')
  })

  test('refuses what is no manifest at all', () => {
    expect(refusal(() => definePlugin(null as unknown as PluginManifest))).toContain('The plugin is null; expected {')
  })
})

describe('an engine takes as plugins', () => {
  test('what definePlugin gives', () => {
    expect(handlerNames({ plugins: [definePlugin(manifest)] })).toEqual(['mail.send'])
  })

  test('a plain object that says the same', () => {
    expect(handlerNames({ plugins: [{ segno: 1, ...manifest }] })).toEqual(['mail.send'])
  })

  test('what another copy of this package has checked, by rules of its own', () => {
    const foreign = { segno: 1, ...manifest, homepage: 'https://acme.example', [Symbol.for('segno.plugin')]: true }
    expect(atTheDoor(foreign)).toBe('it was taken')
    expect(atTheDoor({ segno: 1, ...manifest, homepage: 'https://acme.example' })).toContain('unknown key "homepage"')
  })

  test.for<readonly [what: string, given: unknown, says: string]>([
    ['a text', '@acme/mail', '`plugins[0]` is a string; expected what definePlugin({ name, version, handlers }) gives'],
    ['a promise', Promise.resolve(definePlugin(manifest)), 'is a promise that was not awaited'],
    [
      'a manifest that never saw definePlugin',
      manifest,
      '`plugins[0]` is an object of another kind; expected what def',
    ],
    ['nothing', undefined, '`plugins[0]` is undefined'],
  ])('not %s', ([, given, says]) => {
    expect(atTheDoor(given)).toContain(says)
  })

  test('no plugin alone, without a list around it', () => {
    const plugins = definePlugin(manifest) as unknown as NonNullable<EngineOptions['plugins']>
    expect(refusal(() => handlerNames({ plugins }))).toBe(
      '`plugins` is an object of another kind; expected a list of plugins',
    )
  })

  test('none that keeps a contract of a later engine, whoever made it', () => {
    const later = { ...manifest, segno: 2 }
    const says =
      'The plugin @acme/mail keeps version 2 of the contract of plugins; this engine knows version 1 alone: upgrade whichever of the two is older'
    expect(atTheDoor(later)).toBe(says)
    expect(atTheDoor({ ...later, [Symbol.for('segno.plugin')]: true })).toBe(says)
    expect(atTheDoor({ segno: 2 })).toContain('`plugins[0]` keeps version 2')
  })

  test('no changed copy of a plugin unless it is valid itself', () => {
    const copy = { ...definePlugin(manifest), version: 'next' }
    expect(atTheDoor(copy)).toContain('`version` of the plugin @acme/mail is "next"')
  })
})
