import { Driver } from '../driver/driver.ts'
import type { DriverInput, DriverRequest } from '../driver/protocol.ts'
import type { Plan } from '../kernel/plan.ts'

/** The run that a model is about. */
export const modelRun = { runId: 'run', incarnation: 'incarnation' } as const

const leaseMs = 30_000

interface DriverNode {
  readonly token: number
  readonly crashed: boolean
  /** Made anew each time: a driver changes the state that it is given. */
  readonly inputs: readonly (() => DriverInput)[]
  /** What it asks for after the last of them. */
  readonly requests: readonly DriverRequest[]
}

/**
 * Drivers that can be gone back to. A driver is what it was told: one is kept by
 * its history, and is built again from it when it is told something new.
 */
export class ModelDrivers {
  readonly #plan: Plan
  readonly #nodes: DriverNode[] = []
  readonly #known = new Map<string, number>()

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** The driver that takes the run over with this token. */
  open(token: number, crashed: boolean): number {
    const requests = this.#build({ token, crashed, inputs: [] }).open()
    return this.#keep(`${token} ${crashed}`, { token, crashed, inputs: [], requests })
  }

  /** The driver after it was told something; `name` stands for the input. */
  told(driver: number, name: string, input: () => DriverInput): number {
    const key = `${driver} ${name}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const { token, crashed, inputs } = this.#node(driver)
    const machine = this.#build({ token, crashed, inputs })
    const requests = machine.handle(input(), 0)
    return this.#keep(key, { token, crashed, inputs: [...inputs, input], requests })
  }

  requests(driver: number): readonly DriverRequest[] {
    return this.#node(driver).requests
  }

  #build({ token, crashed, inputs }: Pick<DriverNode, 'token' | 'crashed' | 'inputs'>): Driver {
    const times = { leasedAt: 0, leaseMs, storeNow: 0, mono: 0 }
    const lease = { ...modelRun, token, expiresAt: leaseMs }
    const driver = new Driver({ plan: this.#plan, lease, ...times, crashed, seed: 0 })
    for (const input of inputs) driver.handle(input(), 0)
    return driver
  }

  #keep(key: string, node: DriverNode): number {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, this.#nodes.length)
    return this.#nodes.push(node) - 1
  }

  #node(driver: number): DriverNode {
    const node = this.#nodes[driver]
    if (node === undefined) throw new RangeError(`there is no driver ${driver}`)
    return node
  }
}
