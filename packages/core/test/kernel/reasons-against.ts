import type { Definition, Json } from '@segno/schema/plan'
import { compile } from '../../src/kernel/compile.ts'
import { migrate } from '../../src/kernel/migrate.ts'
import { World } from './world.ts'

/** What stands against another plan for a run of `before` that these moves have brought to where it is. */
export function reasonsAgainst(
  before: Definition,
  after: Definition,
  moves: (world: World) => void,
  input: Json = {},
): string[] {
  const world = new World(before, { input })
  moves(world)
  const found = migrate(world.plan, compile(after), world.state)
  return 'reasons' in found ? found.reasons.map(({ code, path, message }) => `${code} ${path}: ${message}`) : []
}
