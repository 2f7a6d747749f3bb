import type { Json } from './json.ts'

const goSchema = {
  type: 'object',
  required: ['ok', 'way'],
  properties: { ok: { type: 'boolean' }, way: { type: 'string' } },
}

const oneFile = {
  segno: 1,
  name: 'valid',
  input: { list: { type: 'array', items: { type: 'string' } }, file: { type: 'path', under: 'docs', mustExist: true } },
  output: { all: { type: 'array', value: '${{ steps.each.output }}' }, way: { type: 'string' } },
  defaults: { timeout: '1m', retry: { max: 1, delay: '${{ "1s" }}' } },
  limits: { steps: 10, duration: '1h' },
  labels: { team: 'a', if: 'b', toString: 'c' },
  secrets: ['KEY', 'USER'],
  steps: [
    {
      id: 'list',
      exec: ['ls', '-l', '--', '${{ input.file }}', 1],
      env: { TOKEN: '${{ secrets.USER }}:${{ secrets.KEY }}', N: 1 },
      secrets: ['KEY'],
      workspace: { cwd: 'docs' },
      output: { from: 'lines', schema: { type: 'array' }, maxSize: '64KiB' },
    },
    {
      id: 'script',
      run: 'cat "$FILE"',
      shell: 'bash',
      env: { FILE: '${{ has(steps.list.output[0]) ? steps.list.output[0] : "none" }}' },
      effect: 'pure',
      output: { from: 'file', path: 'out/${{ steps.list.exitCode }}' },
    },
    {
      id: 'call',
      title: 'Call',
      uses: 'send',
      with: { file: '${{ input.file }}' },
      timeout: '1m',
      output: { schema: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } } },
    },
    { id: 'once', uses: 'pay', effect: 'once', retry: { max: 0 }, onFailure: 'continue' },
    {
      id: 'each',
      forEach: { in: 'input.list', as: 'name', concurrency: 2, collect: true },
      do: [{ id: 'greet', set: { text: '${{ name + string(index) }}' } }],
      output: '${{ steps.greet.output.text }}',
    },
    {
      id: 'again',
      repeat: { max: 3, until: 'steps.look.output.done', every: '1s', initial: { n: 0 } },
      do: [{ id: 'look', set: { done: '${{ previous.n > iteration }}' } }],
      output: { n: '${{ steps.look.output.done ? 1 : 0 }}' },
      onExhausted: { output: { n: 1 } },
    },
    { id: 'poll', repeat: { max: 3, while: 'iteration < 2' }, do: [{ id: 'nap', sleep: '1s' }] },
    {
      id: 'together',
      parallel: [
        { id: 'left', set: { x: 1 } },
        { id: 'right', needs: ['left'], set: { y: '${{ steps.left.output.x }}' } },
        { id: 'far', needs: ['right'], set: { z: '${{ steps.left.output.x }}' } },
      ],
      join: { atLeast: 3 },
      failFast: false,
      output: '${{ has(steps.right.output) ? steps.right.output : null }}',
    },
    { id: 'wait', waitFor: { signal: 'go', if: 'data.ok', schema: goSchema }, timeout: '1h' },
    { id: 'patient', timeout: '1d', do: [{ id: 'inner', waitFor: { signal: 'go' } }] },
    {
      id: 'guarded',
      try: [{ id: 'risky', assert: 'input.list != []', message: 'no list, but ${{ size(input.list) }}' }],
      catch: [
        { on: ['TIMEOUT'], as: 'oops', do: [{ id: 'note', set: { why: '${{ oops.message + steps.risky.status }}' } }] },
      ],
      finally: [{ id: 'sweep', set: { had: '${{ error }}' } }],
    },
    {
      id: 'way',
      match: 'steps.wait.output.way',
      cases: {
        long: [{ id: 'first', return: { all: [], way: 'long' } }],
        bad: [{ id: 'stop', fail: { code: 'BAD', message: '${{ steps.call.output.ok }}', data: 1 } }],
      },
      default: [
        {
          id: 'fork',
          if: 'steps.once.status == "completed"',
          do: [{ id: 'second', return: { all: [], way: 'short' } }],
          else: [{ id: 'third', return: { all: [], way: '${{ input.file }}' } }],
        },
      ],
    },
  ],
  finally: [{ id: 'bye', uses: 'send', with: { way: '${{ steps.way.status }}', error: '${{ error }}' } }],
} satisfies Json

const several = {
  segno: 1,
  name: 'several',
  input: { text: { type: 'string' }, file: { type: 'path', mustExist: true } },
  secrets: ['KEY'],
  imports: {
    child: {
      segno: 1,
      name: 'child',
      input: { text: { type: 'string' }, count: { type: 'integer', default: 1 } },
      output: { size: { type: 'integer', value: '${{ steps.measure.output.size }}' } },
      steps: [{ id: 'measure', set: { size: '${{ size(input.text) + input.count }}' } }],
    },
    look: { segno: 1, name: 'look', input: { file: { type: 'path', mustExist: true } }, steps: [{ id: 'a', set: {} }] },
  },
  on: { schedule: [{ cron: '0 6 * * 1-5', timezone: 'Europe/Berlin', input: { text: 'a', file: 'docs/a' } }] },
  steps: [
    {
      id: 'request',
      http: {
        method: 'POST',
        url: 'https://example.com/${{ input.text }}',
        headers: { authorization: 'Bearer ${{ secrets.KEY }}' },
        query: { q: ['${{ input.file }}'] },
        body: { a: 1 },
        redirects: 1,
        maxSize: '64KiB',
      },
      idempotencyKey: '${{ input.file }}',
      output: { schema: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } },
      undo: {
        http: { url: 'https://example.com/${{ steps.request.output.body.id }}' },
        retry: { max: 1, delay: '1s' },
      },
    },
    {
      id: 'called',
      call: 'child',
      with: { text: '${{ input.file }}', count: 2 },
      timeout: '1h',
      retry: { max: 1 },
      undo: { id: 'back', call: 'child', with: { text: '${{ string(steps.called.output.size) }}' } },
    },
    { id: 'apart', start: 'look', with: { file: '${{ input.file }}' }, wait: false, detached: true },
    { id: 'until', sleepUntil: '2026-01-31T06:00:00Z' },
    {
      id: 'question',
      ask: {
        title: 'Fine?',
        body: '${{ input.text }}',
        choices: ['yes', 'no'],
        assignees: ['ada'],
        subject: '${{ steps.called.output.size }}',
      },
      timeout: '1d',
    },
    { id: 'form', ask: { title: 'Which?', form: { name: { type: 'string', optional: true } } }, timeout: '1d' },
    { id: 'files', watch: { glob: 'in/*.json', minCount: 2, every: '5s' }, timeout: '1d' },
    {
      id: 'tell',
      emit: {
        signal: 'told',
        data: [
          '${{ has(steps.form.output.form.name) ? steps.form.output.form.name : null }}',
          '${{ steps.apart.output.runId }}',
        ],
        to: '${{ run.id }}',
      },
    },
    {
      id: 'machine',
      states: {
        draft: {
          do: [{ id: 'work', set: { done: '${{ has(signal.data) }}' } }],
          on: { go: { to: 'done', if: 'signal.data.ok', schema: goSchema }, stop: [{ to: 'done' }] },
          after: { '1h': [{ to: 'done', if: 'steps.work.output.done' }], '2h': { to: 'done' } },
          next: [{ if: 'steps.work.output.done', to: 'done' }],
        },
        done: {},
      },
      initial: 'draft',
      max: 10,
      output: '${{ has(steps.work.output) ? steps.work.output : null }}',
    },
  ],
  finally: [{ id: 'bye', uses: 'send', with: { way: '${{ steps.machine.status }}' } }],
} satisfies Json

const agents = {
  segno: 1,
  name: 'agents',
  input: { file: { type: 'path' } },
  agents: { writer: { provider: 'p', model: 'm', sandbox: 'workspace-write' }, reader: { provider: 'p' } },
  artifacts: { design: { path: 'docs/design.md', mediaType: 'text/markdown', schema: { type: 'string' } } },
  concurrency: { group: '${{ input.file }}', limit: 1, whenFull: 'queue' },
  limits: { tokens: 5, cost: '8 USD', onExceeded: 'block' },
  steps: [
    {
      id: 'draft',
      agent: 'writer',
      prompt: { text: 'Write about ${{ input.file }}' },
      output: { schema: { type: 'object' }, maxSize: 1024 },
      candidates: [{ agent: 'reader', prompt: 'Draft' }, { agent: 'writer' }],
      judge: { agent: 'reader', prompt: { file: 'prompts/judge.md' } },
      produces: { design: { mustExist: true, oneOf: ['docs/design.md'] } },
      consumes: { design: { freshness: 'unseen', into: 'prompt' } },
      budget: { tokens: 1, cost: '8 USD', duration: '1h', calls: 2, mode: 'warn' },
      queue: { key: '${{ input.file }}', concurrency: 1, rate: { limit: 1, per: '1m' }, priority: 2 },
      check: {
        policy: 'full',
        by: { agent: 'reader', prompt: 'Check' },
        pass: 'steps.draft.output.ok',
        onFail: { redo: { max: 2, with: 'again' } },
      },
      env: { A: 'a' },
      workspace: { mode: 'copy' },
    },
    {
      id: 'review',
      agent: 'reader',
      prompt: 'Review ${{ input.file }}',
      session: { resume: 'steps.draft.session' },
      consumes: ['design', 'file'],
    },
  ],
  finally: [{ id: 'bye', uses: 'send', with: { way: '${{ steps.review.status }}' } }],
} satisfies Json

/** Workflows without a mistake: together they have every construct. */
export const soundWorkflows = { oneFile, several, agents }
