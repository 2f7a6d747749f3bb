import type { HandlerContract } from '@segno/core'
import { validateJson } from '@segno/schema'
import { askMore, schemaAt, type EditorSchema, type WorkflowSchema } from './schema-published.ts'
import { plain, withTemplates } from './schema-templates.ts'

/** The published schema, with the handlers of a configuration: their names, and what each takes. Written in place. */
export function addHandlers(schema: WorkflowSchema, contracts: readonly HandlerContract[], config: string): void {
  const { definitions } = schema
  const uses = schemaAt(schema, 'definitions', 'uses')
  const choices = [
    ...contracts.map((one) => [one.name, meaning(one)] as const),
    ...contracts.map((one) => [withMajor(one), meaning(one)] as const),
  ]
  uses['errorMessage'] = expected(contracts, config)
  // An empty `enum` makes editors give up the whole schema.
  uses['pattern'] = '(?!)'
  if (choices.length === 0) return
  delete uses['pattern']
  uses['enum'] = choices.map(([name]) => name)
  uses['enumDescriptions'] = choices.map(([, text]) => text)
  const inputs = contracts.flatMap((one) => inputOf(one, definitions))
  if (inputs.length === 0) return
  definitions['inputsOfHandlers'] = { allOf: inputs }
  for (const step of ['UsesStep', 'UsesUndo']) {
    askMore(schemaAt(schema, 'definitions', step), [{ $ref: '#/definitions/inputsOfHandlers' }])
  }
}

function withMajor({ name, version }: HandlerContract): string {
  return `${name}@${version.split('.', 1)[0]}`
}

function meaning({ title, description, plugin, version }: HandlerContract): string {
  const text = [title, description].filter((part) => part !== undefined).join(': ')
  const origin = plugin === undefined ? `Version ${version}.` : `Of ${plugin.name} ${plugin.version}.`
  return text === '' ? origin : `${text.replace(/[^.!?]$/, '$&.')} ${origin}`
}

const namesMax = 12

function expected(contracts: readonly HandlerContract[], config: string): string {
  if (contracts.length === 0) return `${config} has no handlers.`
  const names = contracts.slice(0, namesMax).map(({ name }) => name)
  const more = contracts.length > namesMax ? [`… and ${contracts.length - namesMax} more`] : []
  return `Expected a handler of ${config}: ${[...names, ...more].join(', ')}.`
}

function inputOf(contract: HandlerContract, definitions: Record<string, EditorSchema>): readonly EditorSchema[] {
  const { name, input } = contract
  if (input === undefined) return []
  const input07 = withTemplates(input, `inputOf:${plain(name)}`, definitions)
  return [
    {
      if: { required: ['uses'], properties: { uses: { enum: [name, withMajor(contract)] } } },
      then: {
        properties: { with: input07 },
        // Without `with`, a handler gets null.
        ...(validateJson(input, null).length > 0 && { required: ['with'] }),
      },
    },
  ]
}
