import { Document, isCollection, isMap, isScalar, isSeq, type YAMLMap } from 'yaml'
import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { parseDefinition } from '../parse/plain.ts'
import { parseWorkflow } from '../parse/workflow.ts'
import { definitionLayout } from './layout.ts'
import { yamlNode } from './yaml-node.ts'

/** What holds a definition: a workflow that was built in TypeScript, or loaded. */
export interface DefinitionHolder {
  readonly definition: Definition
}

/**
 * The YAML text of a workflow, as a person would write it. Loaded back, it gives
 * the same definition, and so the same hash. Definitions in the place of imports
 * are written where they stand; `toYamlFiles` gives each a file of its own.
 * Throws a `TypeError` for what is no definition, and for one that is larger than
 * a text may be; its `cause` is the list of diagnostics.
 *
 * @example
 * ```ts
 * await writeFile('greeting.segno.yaml', toYaml(greeting))
 * ```
 */
export function toYaml(workflow: Definition | DefinitionHolder): string {
  return textOf(definitionIn(workflow))
}

/** A copy of the definition that is to be written, once its shape was checked. */
export function definitionIn(workflow: Definition | DefinitionHolder): Definition {
  const isHolder = 'definition' in workflow && !('segno' in workflow)
  const { definition, diagnostics } = parseDefinition(isHolder ? workflow.definition : workflow)
  if (definition === undefined) throw refused('This cannot be written: it is no definition', diagnostics)
  return definition
}

/** The text of a definition of the right shape. */
export function textOf(definition: Definition): string {
  const text = yamlText(definition)
  const back = parseWorkflow(text)
  // What code may hand over in several documents can be too much for one text.
  if (back.definition === undefined) throw refused('The definition does not go into one text', back.diagnostics)
  return text
}

function refused(what: string, diagnostics: readonly Diagnostic[]): TypeError {
  const [first] = diagnostics
  const place = first && first.pointer !== '' ? ` at ${first.pointer}` : ''
  return new TypeError(`${what}: ${first?.code}${place}: ${first?.message}`, { cause: diagnostics })
}

function yamlText(definition: Definition): string {
  const root = yamlNode(definition as never, definitionLayout)
  if (isMap(root)) setApart(root)
  const document = new Document(root, { schema: 'core', version: '1.2' })
  return document.toString({
    lineWidth: 0,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: Infinity,
  })
}

// A blank line around each part of several lines, and between the steps of the workflow.
function setApart(root: YAMLMap): void {
  let wasLong = false
  for (const { key, value } of root.items) {
    const isLong = isCollection(value) && value.flow !== true
    if (isScalar(key)) key.spaceBefore = isLong || wasLong
    wasLong = isLong
    if (!isSeq(value) || value.flow === true) continue
    for (const item of value.items.slice(1)) if (isMap(item)) item.spaceBefore = true
  }
}
