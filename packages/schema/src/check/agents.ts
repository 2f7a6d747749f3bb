import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { pointerPart } from '../json.ts'
import { takesPaths } from '../plan/path.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Agents and artifacts that steps name and the workflow does not. */
export function checkAgents(definition: Definition): Mistake[] {
  const agents = Object.keys(definition.agents ?? {})
  const artifacts = Object.keys(definition.artifacts ?? {})
  const paths = Object.entries(definition.input ?? {}).flatMap(([name, schema]) => (takesPaths(schema) ? [name] : []))
  return placesWithUndo(definition).flatMap((place) => [
    ...agentNames(place)
      .filter(({ name }) => !agents.includes(name))
      .map((named) => unknownAgent(named, agents)),
    ...produced(place)
      .filter(({ name }) => !artifacts.includes(name))
      .map((named) => unknownArtifact(named, artifacts)),
    ...consumed(place)
      .filter(({ name }) => !artifacts.includes(name) && !paths.includes(name))
      .map((named) => unknownArtifact(named, [...artifacts, ...paths])),
  ])
}

interface Named extends Pick<Mistake, 'pointer' | 'at'> {
  readonly name: string
}

function unknownAgent({ name, ...place }: Named, agents: readonly string[]): Mistake {
  const all = `the agents are ${agents.join(', ')}`
  const hint = agents.length === 0 ? `add agents: { ${name}: { provider: … } } to the workflow` : all
  return { code: 'UNKNOWN_AGENT', message: `there is no agent "${name}"`, hint, ...suggestion(name, agents), ...place }
}

function unknownArtifact({ name, ...place }: Named, known: readonly string[]): Mistake {
  const message = `there is no artifact "${name}"`
  const hint = `add artifacts: { ${name}: { path: … } } to the workflow`
  return { code: 'UNKNOWN_ARTIFACT', message, hint, ...suggestion(name, known), ...place }
}

function agentNames({ step, pointer }: StepPlace): Named[] {
  const by = 'check' in step ? step.check?.by : undefined
  const judge =
    typeof by === 'object' && 'agent' in by ? [{ name: by.agent, pointer: `${pointer}/check/by/agent` }] : []
  if (!('agent' in step)) return judge
  const candidates = (step.candidates ?? []).map(({ agent }, index) => ({
    name: agent,
    pointer: `${pointer}/candidates/${index}/agent`,
  }))
  const adjudicator = step.judge ? [{ name: step.judge.agent, pointer: `${pointer}/judge/agent` }] : []
  return [{ name: step.agent, pointer: `${pointer}/agent` }, ...judge, ...candidates, ...adjudicator]
}

function produced({ step, pointer }: StepPlace): Named[] {
  const produces = 'produces' in step ? (step.produces ?? {}) : {}
  return Object.keys(produces).map((name) => ({ name, pointer: `${pointer}/produces${pointerPart(name)}`, at: 'key' }))
}

function consumed({ step, pointer }: StepPlace): Named[] {
  const consumes = 'consumes' in step ? (step.consumes ?? []) : []
  if (isList(consumes)) return consumes.map((name, index) => ({ name, pointer: `${pointer}/consumes/${index}` }))
  return Object.keys(consumes).map((name) => ({ name, pointer: `${pointer}/consumes${pointerPart(name)}`, at: 'key' }))
}

function isList(value: readonly string[] | object): value is readonly string[] {
  return Array.isArray(value)
}
