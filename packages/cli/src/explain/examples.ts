/** A mistake, and how it is put right, each without the first lines of its file. */
export interface Example {
  readonly wrong: string
  readonly right: string
}

/** Examples of mistakes that are easier to see than to tell, by the code of their diagnostic. */
export const examples: ReadonlyMap<string, Example> = new Map([
  example(
    'YAML_SYNTAX',
    `
steps:
  - { id: a, if: [1].exists(x, x > 0), set: {} }
`,
    `
steps:
  - { id: a, if: "[1].exists(x, x > 0)", set: {} }
`,
  ),
  example(
    'YAML_FEATURE',
    `
input: { done: { type: boolean } }
steps:
  - { id: a, if: !input.done, set: {} }
`,
    `
input: { done: { type: boolean } }
steps:
  - { id: a, if: "!input.done", set: {} }
`,
  ),
  example(
    'UNKNOWN_KEY',
    `
steps:
  - id: test
    run: npm test
    retyr: { max: 2 }
`,
    `
steps:
  - id: test
    run: npm test
    retry: { max: 2 }
`,
  ),
  example(
    'INVALID_VALUE',
    `
steps:
  - id: nap
    sleep: 5
`,
    `
steps:
  - id: nap
    sleep: 5s
`,
  ),
  example(
    'NO_VERB',
    `
steps:
  - id: test
    title: Test
`,
    `
steps:
  - id: test
    title: Test
    run: npm test
`,
  ),
  example(
    'UNKNOWN_STEP',
    `
steps:
  - { id: build, run: make, output: { from: stdout } }
  - { id: show, set: { text: "\${{ steps.buidl.output }}" } }
`,
    `
steps:
  - { id: build, run: make, output: { from: stdout } }
  - { id: show, set: { text: "\${{ steps.build.output }}" } }
`,
  ),
  example(
    'UNKNOWN_VARIABLE',
    `
input: { name: { type: string } }
steps:
  - { id: greet, set: { text: "Hello \${{ name }}" } }
`,
    `
input: { name: { type: string } }
steps:
  - { id: greet, set: { text: "Hello \${{ input.name }}" } }
`,
  ),
  example(
    'OUTPUT_NOT_DECLARED',
    `
steps:
  - { id: version, exec: [git, describe] }
  - { id: show, set: { text: "\${{ steps.version.output }}" } }
`,
    `
steps:
  - { id: version, exec: [git, describe], output: { from: stdout } }
  - { id: show, set: { text: "\${{ steps.version.output }}" } }
`,
  ),
  example(
    'STEP_OUT_OF_SCOPE',
    `
steps:
  - id: both
    parallel:
      - { id: build, set: { tag: v1 } }
      - { id: push, set: { tag: "\${{ steps.build.output.tag }}" } }
`,
    `
steps:
  - id: both
    parallel:
      - { id: build, set: { tag: v1 } }
      - { id: push, needs: [build], set: { tag: "\${{ steps.build.output.tag }}" } }
`,
  ),
  example(
    'MISPLACED_NEEDS',
    `
steps:
  - { id: build, run: make }
  - { id: test, needs: [build], run: make test }
`,
    `
steps:
  - { id: build, run: make }
  - { id: test, run: make test }
`,
  ),
  example(
    'LOOP_CONDITION',
    `
steps:
  - id: poll
    repeat: { max: 5 }
    do: [{ id: look, sleep: 1s }]
`,
    `
steps:
  - id: poll
    repeat: { max: 5, until: false }
    do: [{ id: look, sleep: 1s }]
`,
  ),
  example(
    'TEMPLATE_IN_SCRIPT',
    `
input: { name: { type: string } }
steps:
  - id: greet
    run: echo "Hello \${{ input.name }}"
`,
    `
input: { name: { type: string } }
steps:
  - id: greet
    env: { NAME: "\${{ input.name }}" }
    run: echo "Hello $NAME"
`,
  ),
  example(
    'PROGRAM_NOT_LITERAL',
    `
input: { tool: { type: string } }
steps:
  - { id: build, exec: ["\${{ input.tool }}", build] }
`,
    `
input: { tool: { type: string } }
steps:
  - id: build
    match: input.tool
    cases:
      npm: [{ id: npm, exec: [npm, run, build] }]
    default: [{ id: make, exec: [make] }]
`,
  ),
  example(
    'UNKNOWN_SECRET',
    `
steps:
  - { id: push, env: { TOKEN: "\${{ secrets.TOKEN }}" }, run: ./push }
`,
    `
secrets: [TOKEN]
steps:
  - { id: push, env: { TOKEN: "\${{ secrets.TOKEN }}" }, run: ./push }
`,
  ),
  example(
    'SECRET_MISPLACED',
    `
secrets: [TOKEN]
steps:
  - { id: push, exec: [./push, "--token=\${{ secrets.TOKEN }}"] }
`,
    `
secrets: [TOKEN]
steps:
  - { id: push, env: { TOKEN: "\${{ secrets.TOKEN }}" }, exec: [./push] }
`,
  ),
  example(
    'WAIT_WITHOUT_END',
    `
steps:
  - { id: wait, waitFor: { signal: go } }
`,
    `
steps:
  - { id: wait, waitFor: { signal: go }, timeout: 2d }
`,
  ),
])

function example(code: string, wrong: string, right: string): readonly [string, Example] {
  return [code, { wrong: wrong.slice(1), right: right.slice(1) }]
}
