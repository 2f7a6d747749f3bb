/**
 * A plugin: handlers for texts, each pure and deterministic.
 *
 * @module
 */
import { definePlugin, type Plugin } from '@segno/core'
import { diff } from './handlers/diff.ts'
import { fill } from './handlers/fill.ts'
import { slug } from './handlers/slug.ts'
import manifest from './package.json' with { type: 'json' }

/** `text.slug`, `text.fill` and `text.diff`, for `plugins` of an engine or of a `segno.config.ts`. */
export const textPlugin: Plugin = definePlugin({
  name: manifest.name,
  version: manifest.version,
  description: 'Names for files, texts from templates, and what has changed between two texts.',
  handlers: { 'text.slug': slug, 'text.fill': fill, 'text.diff': diff },
})
