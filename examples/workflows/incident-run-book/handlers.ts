import type { Handlers } from '../load-named.ts'

/** What can be done to a service, as far as the run book does it. Doing it twice is doing it once. */
export interface Operations {
  announce(service: string, state: string): void
  freeze(service: string, isFrozen: boolean): void
  /** What a check of the service finds. */
  diagnose(service: string, check: string): string | Promise<string>
  mitigate(service: string, action: string): void
  isHealthy(service: string): boolean
}

const demo: Operations = {
  announce: (service, state) => console.log(`status page: ${service} ${state}`),
  freeze: (service, isFrozen) => console.log(`deployments of ${service} ${isFrozen ? 'stop' : 'go on'}`),
  diagnose: () => 'nothing unusual',
  mitigate: (service, action) => console.log(`${service}: ${action}`),
  isHealthy: () => true,
}

interface Target {
  readonly service: string
}

/** Handlers over operations: those that print, and find all well, unless given. */
export function handlers(operations: Operations = demo): Handlers {
  const { announce, freeze, diagnose, mitigate, isHealthy } = operations
  return {
    announce: (_context, { service, state }: Target & { state: string }) => announce(service, state),
    freeze: (_context, { service }: Target) => freeze(service, true),
    unfreeze: (_context, { service }: Target) => freeze(service, false),
    diagnose: (_context, { service, check }: Target & { check: string }) => diagnose(service, check),
    rollBack: (_context, { service }: Target) => mitigate(service, 'roll back'),
    scale: (_context, { service, factor }: Target & { factor: number }) => mitigate(service, `scale to ${factor}`),
    failOver: (_context, { service }: Target) => mitigate(service, 'fail over'),
    probe: (_context, { service }: Target) => ({ isHealthy: isHealthy(service) }),
  }
}
