import { isJsonObject, type Json } from '@segno/schema'
import { importPath } from '@segno/schema/editor'
import { childOf } from './steps-in.ts'
import { treeOf, type TextNode } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'
import type { Choice } from './completions.ts'

/** An input of what a step calls. */
export interface GivenInput {
  readonly name: string
  readonly told: Pick<Choice, 'detail' | 'documentation' | 'rank'>
}

/** The inputs that the `with` of a step may give. */
export function inputsOf(context: WorkflowContext, step: TextNode, root: TextNode): GivenInput[] {
  const uses = childOf(step, 'uses')?.value
  if (typeof uses === 'string') {
    const contract = context.handlers?.find(({ name }) => name === uses.replace(/@\d+$/, ''))
    const schema = contract?.input
    if (!isJsonObject(schema) || !isJsonObject(schema['properties'])) return []
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    return Object.entries(schema['properties']).map(([name, property]) => told(name, property, required.includes(name)))
  }
  const called = childOf(step, 'call') ?? childOf(step, 'start')
  const found = typeof called?.value === 'string' ? importedTree(context, root, called.value) : undefined
  const inputs = childOf(found?.tree.root, 'input')?.children ?? []
  return inputs.flatMap(({ key, value }) => {
    const schema = isJsonObject(value) ? value : {}
    return key ? [told(key.text, schema, schema['default'] === undefined && schema['optional'] !== true)] : []
  })
}

function told(name: string, schema: Json | undefined, isRequired: boolean): GivenInput {
  const { type, description } = isJsonObject(schema) ? schema : {}
  const words = [...(typeof type === 'string' ? [type] : []), ...(isRequired ? ['required'] : [])].join(', ')
  return {
    name,
    told: {
      detail: words === '' ? undefined : words,
      documentation: typeof description === 'string' ? description : undefined,
      rank: isRequired ? 1 : 3,
    },
  }
}

/** The file that an import leads to, as far as it can be read. */
export function importedTree(
  { file, read }: WorkflowContext,
  root: TextNode,
  name: string,
): { readonly file: string; readonly tree: ReturnType<typeof treeOf> } | undefined {
  const path = childOf(childOf(root, 'imports'), name)?.value
  if (typeof path !== 'string') return undefined
  const found = importPath(path, file)
  const text = read?.(found)
  return typeof text === 'string' ? { file: found, tree: treeOf(text) } : undefined
}
