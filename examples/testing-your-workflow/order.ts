import { readFileSync } from 'node:fs'
import { loadWorkflow } from 'segno'
import type { Workflow } from 'segno'

const file = new URL('order.segno.yaml', import.meta.url)

/** The order of `order.segno.yaml`, read and checked. */
export const order: Workflow = loaded()

function loaded(): Workflow {
  const { workflow, diagnostics } = loadWorkflow(readFileSync(file, 'utf8'), { file: 'order.segno.yaml' })
  if (workflow === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return workflow
}
