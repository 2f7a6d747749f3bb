import { compileAccess } from './access.ts'
import { compileCall } from './call.ts'
import type { Code, Compilation } from './compilation.ts'
import { failed, shortened } from './evaluation.ts'
import { expressionLimits } from './limits.ts'
import { binary, logic, negate, not } from './operators.ts'
import { nestsTooDeep } from './syntax.ts'
import type { SyntaxNode } from './syntax-node.ts'
import { typeName } from './value.ts'
import type { Value } from './value.ts'

/** The code of a node and everything below it. */
export function compile(compilation: Compilation, node: SyntaxNode): Code {
  if (compilation.depth >= expressionLimits.depthMax) {
    return compilation.refuse(nestsTooDeep, node.start, node.end)
  }
  compilation.depth++
  compilation.nodes++
  const code = compileNode(compilation, node)
  compilation.depth--
  return code
}

function compileNode(compilation: Compilation, node: SyntaxNode): Code {
  switch (node.op) {
    case 'value':
      return compilation.constant(node.args)
    case 'id':
    case '.':
    case '[]':
      return compileAccess(compilation, node).read
    case 'call':
    case 'rcall':
      return compileCall(compilation, node)
    case 'list':
      return compileList(compilation, node.args)
    case 'map':
      return compileMap(compilation, node)
    case '?:':
      return compileConditional(compilation, node)
    case '!_':
    case '-_': {
      const operand = compile(compilation, node.args)
      const make = node.op === '!_' ? not : negate
      return compilation.fold(make(compilation.quote(node), operand), [operand])
    }
    case '&&':
    case '||': {
      const [left, right] = compilePair(compilation, node.args)
      return logic(compilation.quote(node), node.op, left, right)
    }
    default: {
      if (node.op === '+') compilation.makesLists = true
      const [left, right] = compilePair(compilation, node.args)
      return compilation.fold(binary[node.op](compilation.quote(node), left, right), [left, right])
    }
  }
}

function compilePair(compilation: Compilation, [left, right]: readonly [SyntaxNode, SyntaxNode]): [Code, Code] {
  return [compile(compilation, left), compile(compilation, right)]
}

function compileList(compilation: Compilation, nodes: readonly SyntaxNode[]): Code {
  compilation.makesLists = true
  const elements = nodes.map((node) => compile(compilation, node))
  return compilation.fold((evaluation) => elements.map((element) => element(evaluation)), elements)
}

const refusedKeys = new Set(['__proto__', 'constructor', 'prototype'])

function compileMap(compilation: Compilation, node: SyntaxNode & { op: 'map' }): Code {
  compilation.makesLists = true
  const entries = node.args.map(([key, value]) => ({
    key: compile(compilation, key),
    value: compile(compilation, value),
    place: key,
  }))
  const seen = new Set<string>()
  for (const { key, place } of entries) {
    const constant = compilation.constantOf(key)
    const mistake = constant === undefined ? undefined : mistakeOfKey(constant, seen)
    if (mistake !== undefined) return compilation.refuse(mistake, place.start, place.end)
  }
  const quote = compilation.quote(node)
  const code: Code = (evaluation) => {
    const map: Record<string, Value> = {}
    const keys = new Set<string>()
    for (const entry of entries) {
      const key = entry.key(evaluation)
      const mistake = mistakeOfKey(key, keys)
      if (mistake !== undefined) throw failed('EXPRESSION_TYPE', `${quote}: ${mistake}`)
      map[String(key)] = entry.value(evaluation)
    }
    return map
  }
  return compilation.fold(
    code,
    entries.flatMap(({ key, value }) => [key, value]),
  )
}

function mistakeOfKey(key: Value, seen: Set<string>): string | undefined {
  if (typeof key !== 'string') return `a key of a map is a string, not a ${typeName(key)}`
  if (refusedKeys.has(key)) return `"${key}" cannot be a key`
  if (seen.has(key)) return `the key "${shortened(key)}" is written twice`
  seen.add(key)
  return undefined
}

function compileConditional(compilation: Compilation, node: SyntaxNode & { op: '?:' }): Code {
  const [condition, yes, no] = node.args
  const quote = compilation.quote(condition)
  const codes = {
    condition: compile(compilation, condition),
    yes: compile(compilation, yes),
    no: compile(compilation, no),
  }
  return (evaluation) => {
    const chosen = codes.condition(evaluation)
    if (chosen === true) return codes.yes(evaluation)
    if (chosen === false) return codes.no(evaluation)
    throw failed('EXPRESSION_TYPE', `${quote} is a ${typeName(chosen)}; before \`?\` stands a bool`)
  }
}
