import { RunDocument } from '../src/document/run-document.ts'
import { Value } from '../src/document/slot.ts'
import { Failure } from '../src/event-schema.ts'
import { Fixture } from '../src/fixture.ts'
import { bundleDefinitions } from './bundle-definitions.ts'
import { described } from './describe.ts'
import { fileOf } from './dialects.ts'
import { eventDefinitions } from './event-definitions.ts'
import { withSnippets } from './snippets.ts'
import { fixtureTexts } from './texts/fixture.ts'
import { failureTexts, runTexts } from './texts/run.ts'
import { workflowDefinitions } from './workflow-definitions.ts'

/**
 * The published JSON Schemas, by file name: the shapes come from the zod schemas, the words from `texts`. Throws
 * where a key has no text, and where a text has no key.
 */
export function jsonSchemaFiles(): Record<string, string> {
  const workflow = workflowDefinitions('Workflow')
  const fixture = workflowDefinitions('Fixture', { named: { Fixture }, texts: fixtureTexts })
  const run = described({ Run: RunDocument, Failure, Value }, 'Run', { texts: { ...runTexts, ...failureTexts } })
  return {
    'workflow.schema.json': fileOf(workflow, 'Workflow', 'draft-2020-12'),
    'workflow.draft-07.schema.json': fileOf(withSnippets(workflow), 'Workflow', 'draft-07'),
    'fixture.schema.json': fileOf(fixture, 'Fixture', 'draft-2020-12'),
    'run-document.schema.json': fileOf(run, 'Run', 'draft-2020-12'),
    'run-bundle.schema.json': fileOf(bundleDefinitions(), 'Bundle', 'draft-2020-12'),
    'event.schema.json': fileOf(eventDefinitions(), 'Event', 'draft-2020-12'),
  }
}
