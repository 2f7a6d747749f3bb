import type { Texts } from './text.ts'

/** An exported run. */
export const bundleTexts: Texts = {
  Bundle: 'A run as one document: what segno export writes, and segno import takes.',
  'Bundle.format': 'What it is.',
  'Bundle.v': 'Version of the document: 1.',
  'Bundle.row': 'What the list of runs knew of it.',
  'Bundle.plans': 'The definitions that it goes by, by the sha256 of their canonical JSON.',
  'Bundle.events': 'Its journal, in order.',
  'Bundle.blobs': 'Values beside the journal: their JSON text, by its sha256.',
  'Bundle.inbox': 'Messages that it had not taken in.',
  'Bundle.redacted': 'What was replaced: values under telling keys, or all texts.',
  'Bundle.children': 'Runs that it started, as they were.',

  Plan: 'A workflow, as workflow.schema.json describes it.',
  'Plan.segno': 'Version of the language: 1.',
  'Plan.name': 'Name of the workflow.',
  'Plan.steps': 'Its steps.',

  BundleRow: 'What the list of runs knew of a run.',
  'BundleRow.runId': 'Id of the run.',
  'BundleRow.incarnation': 'New for each creation, also of the same id.',
  'BundleRow.workflow': 'Name of the workflow.',
  'BundleRow.plan': 'Hash of the plan that it goes by.',
  'BundleRow.labels': 'Its labels.',
  'BundleRow.parent': 'The step that started it.',
  'BundleRow.parent.runId': 'Id of the run of that step.',
  'BundleRow.parent.path': 'Path of that step.',
  'BundleRow.status': 'How it stood.',
  'BundleRow.head': 'Number of its last event.',
  'BundleRow.createdAt': 'When, in milliseconds since 1970, by the clock of the store.',
  'BundleRow.updatedAt': 'When its last events were written, in milliseconds since 1970.',
  'BundleRow.idempotencyKey': 'The key that it was started with.',

  BundleMessage: 'A message that a run had not taken in.',
  'BundleMessage.id': 'Unique for the run.',
  'BundleMessage.name': 'Name of the signal; of a command, one that begins with segno.',
  'BundleMessage.payload': 'What it carries.',
  'BundleMessage.sender': 'Who sent it, if it said so.',
  'BundleMessage.deliveredAt': 'When it came, in milliseconds since 1970.',
}
