import { handlerDefinition } from '../runtime/handler-definition.ts'
import type { HandlerContext, HandlerDefinition, StandardSchema } from '../runtime/handler.ts'

// For the compiler alone.
declare const takes: unique symbol
declare const gives: unique symbol

/** The name of a handler, with the types of what steps write and read: what `w.step` takes. */
export interface HandlerRef<Input, Output> {
  readonly name: string
  readonly [takes]?: Input
  readonly [gives]?: Output
}

/** A handler with its name and its types. An engine takes it in `handlers`, too. */
export interface TypedHandler<Input, Output>
  extends HandlerRef<Input, Output>, Omit<HandlerDefinition<never, unknown>, 'input' | 'output'> {
  readonly input?: StandardSchema
  readonly output?: StandardSchema
}

/** What makes an attempt. */
type Performs<Input, Output> = (context: HandlerContext, input: Input) => Output | Promise<Output>

/** What a handler says of itself. */
export interface HandlerHeader extends Pick<HandlerDefinition, 'version' | 'title' | 'description' | 'effect'> {
  /** What `uses` calls it by. */
  readonly name: string
}

/**
 * A handler that workflows in TypeScript call by its value. Steps write what its
 * `input` takes, and read what its `output` gives; `perform` gets what the validator
 * of `input` makes of it. Throws `ARGUMENT_INVALID` for a name that no step can call.
 *
 * @example
 * ```ts
 * const greet = defineHandler(
 *   { name: 'greet', input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
 *   (context, { name }) => ({ text: `Hello ${name}` }),
 * )
 * ```
 */
export function defineHandler<Input, Parsed, Output, Given>(
  header: HandlerHeader & {
    readonly input: StandardSchema<Parsed, Input>
    readonly output: StandardSchema<Output, Given>
  },
  perform: NoInfer<Performs<Parsed, Given>>,
): TypedHandler<Input, Output>
export function defineHandler<Input = void, Output = unknown, Given = unknown>(
  header: HandlerHeader & { readonly input?: never; readonly output: StandardSchema<Output, Given> },
  perform: Performs<Input, Given>,
): TypedHandler<Input, Output>
export function defineHandler<Input, Parsed, Output>(
  header: HandlerHeader & { readonly input: StandardSchema<Parsed, Input>; readonly output?: never },
  perform: Performs<Parsed, Output>,
): TypedHandler<Input, Output>
export function defineHandler<Input = void, Output = unknown>(
  header: HandlerHeader & { readonly input?: never; readonly output?: never },
  perform: Performs<Input, Output>,
): TypedHandler<Input, Output>
export function defineHandler(
  header: HandlerHeader & { readonly input?: StandardSchema; readonly output?: StandardSchema },
  perform: (context: HandlerContext, input: never) => unknown,
): TypedHandler<never, never> {
  const { name } = header
  handlerDefinition(name, { ...header, perform })
  return Object.freeze({ ...header, perform })
}

/**
 * A handler that the engine has by itself, or from a plugin: its name, and the types
 * that the host vouches for. A workflow that calls it brings nothing along for it.
 */
export function handlerNamed<Input, Output>(name: string): HandlerRef<Input, Output> {
  handlerDefinition(name, () => undefined)
  return Object.freeze({ name })
}
