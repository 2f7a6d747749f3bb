import type { HandlerContext } from 'segno'
import type { Handlers } from './load-named.ts'

/**
 * What goes wrong, by the path of a step: the codes that its first attempts fail with. `HANG` is one that does nothing
 * until it is told to stop; `MUTE` one that does its work, and never says so.
 */
export type Troubles = Readonly<Record<string, readonly string[]>>

/** Handlers that fail as they are told before they do what they do. `turn` says which attempt it is, from 1. */
export function troubled(
  handlers: Handlers,
  troubles: Troubles,
  turn: (context: HandlerContext) => number = ({ attempt }) => attempt,
): Handlers {
  const entries = Object.entries(handlers).map(([name, handler]) => {
    const definition = typeof handler === 'function' ? { perform: handler } : handler
    const perform = async (context: HandlerContext, input: never): Promise<unknown> => {
      const code = troubles[context.path]?.[turn(context) - 1]
      if (code === 'HANG') await stopped(context.signal)
      if (code === 'MUTE')
        await Promise.resolve(definition.perform(context, input)).then(() => new Promise(() => undefined))
      if (code !== undefined) throw Object.assign(new Error(`${context.path} has trouble: ${code}`), { code })
      return definition.perform(context, input)
    }
    return [name, { ...definition, perform }] as const
  })
  return Object.fromEntries(entries)
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}
