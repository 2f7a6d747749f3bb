import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { defineHandler } from '../../src/builder/define-handler.ts'

/** What each of the libraries is given: a text that becomes a date, a default, and a date that becomes a text. */
const header = { name: 'reserve', version: '1.1.0', effect: 'once' } as const

interface Reservation {
  readonly sku: string
  readonly count: number
  readonly until: Date
}

interface Reserved {
  readonly code: string
  readonly until: Date
}

// The same for all: they differ in their validators alone.
function reserve({ sku, count, until }: Reservation): Reserved {
  return { code: `${sku}x${count}`, until }
}

const zodInput = z.object({
  sku: z.string().min(1),
  count: z.int().min(1).default(1),
  until: z.iso.datetime().transform((text) => new Date(text)),
})
const zodOutput = z.object({ code: z.string().min(3), until: z.date().transform((date) => date.toISOString()) })

/** With zod. */
export const zodReserve = defineHandler({ ...header, input: zodInput, output: zodOutput }, (context, input) =>
  reserve(input),
)

const valibotInput = v.object({
  sku: v.pipe(v.string(), v.minLength(1)),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  until: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.transform((text) => new Date(text)),
  ),
})
const valibotOutput = v.object({
  code: v.pipe(v.string(), v.minLength(3)),
  until: v.pipe(
    v.date(),
    v.transform((date) => date.toISOString()),
  ),
})

/** With valibot, whose schemas give no JSON Schema by themselves. */
export const valibotReserve = defineHandler(
  { ...header, input: valibotInput, output: valibotOutput },
  async (context, input) => reserve(input),
)

const arktypeInput = type({ sku: 'string >= 1', count: 'number.integer >= 1 = 1', until: 'string.date.iso.parse' })
const arktypeOutput = type({ code: 'string >= 3', until: type('Date').pipe((date) => date.toISOString()) })

/** With arktype. */
export const arktypeReserve = defineHandler(
  { ...header, input: arktypeInput, output: arktypeOutput },
  (context, input) => reserve(input),
)

/** Schemas without conversions, which can be told as JSON Schema on both sides. */
export const plainSchemas = {
  zod: z.object({ sku: z.string().min(1), count: z.number().min(1).default(1) }),
  valibot: toStandardJsonSchema(
    v.object({ sku: v.pipe(v.string(), v.minLength(1)), count: v.optional(v.pipe(v.number(), v.minValue(1)), 1) }),
  ),
  arktype: type({ sku: 'string >= 1', count: 'number >= 1 = 1' }),
}
