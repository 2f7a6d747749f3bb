/**
 * Null, which was taken for nothing.
 *
 * | test | what was wrong |
 * |---|---|
 * | null … | a value of null was told as an undefined variable, and failed the step that read it |
 */
import { describe, expect, test } from 'vitest'
import { mistakes, openWorld } from './world.ts'

describe('null', { timeout: 30_000 }, () => {
  test('goes through a capture, a variable, a comparison and an output as it is', async () => {
    await using world = openWorld()
    const { result } = await world.play(`
output:
  captured: { value: "\${{ steps.tell.output }}" }
  inside: { value: "\${{ steps.record.output.inside }}" }
  kept: { value: "\${{ steps.keep.output.kept }}" }
  same: { type: boolean, value: "\${{ steps.keep.output.same }}" }
  list: { value: "\${{ steps.each.output }}" }
steps:
  - { id: tell, run: echo null, output: { from: json } }
  - { id: record, run: 'echo "{ \\"inside\\": null }"', output: { from: json } }
  - { id: keep, set: { kept: "\${{ steps.tell.output }}", same: "\${{ steps.tell.output == null }}" } }
  - { id: each, forEach: { in: [1, null, 2], as: n }, do: [{ id: one, set: { n: "\${{ n }}" } }], output: "\${{ steps.one.output.n }}" }`)

    expect(result).toEqual({
      status: 'completed',
      output: { captured: null, inside: null, kept: null, same: true, list: [1, null, 2] },
    })
  })

  test('is there, where what is missing is not', async () => {
    await using world = openWorld()
    const { result } = await world.play(
      `
input: { given: { type: [string, "null"] }, left: { type: [string, "null"], optional: true } }
output:
  facts:
    value:
      given: "\${{ has(input.given) }}"
      left: "\${{ has(input.left) }}"
      gave: "\${{ has(steps.gives.output) }}"
      skipped: "\${{ has(steps.skipped.output) }}"
      field: "\${{ has(steps.gives.output.field) }}"
      other: "\${{ has(steps.gives.output.other) }}"
      isNull: "\${{ steps.gives.output.field == null }}"
steps:
  - { id: gives, run: 'echo "{ \\"field\\": null }"', output: { from: json } }
  - { id: skipped, if: input.given != null, run: echo null, output: { from: json } }`,
      { given: null },
    )

    expect(result).toEqual({
      status: 'completed',
      output: {
        facts: { given: true, left: false, gave: true, skipped: false, field: true, other: false, isNull: true },
      },
    })
  })

  test('is not what a field that is missing reads as', async () => {
    await using world = openWorld()
    const { result } = await world.play(`
output: { other: { value: "\${{ steps.gives.output.other }}" } }
steps:
  - { id: gives, run: 'echo "{ \\"field\\": null }"', output: { from: json } }`)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'MISSING_VALUE' } })
  })

  test('cannot become text by itself: an argument is refused, and not left out', async () => {
    await using world = openWorld()
    const { result } = await world.play(`
steps:
  - { id: gives, run: echo null, output: { from: json } }
  - { id: takes, exec: [echo, "\${{ steps.gives.output }}"] }`)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'TYPE_MISMATCH' } })
  })

  test('is not the output of a process that declares none', () => {
    expect(mistakes('output: { a: { value: "${{ steps.a.output }}" } }\nsteps: [{ id: a, run: "true" }]')).toHaveLength(
      1,
    )
  })
})
