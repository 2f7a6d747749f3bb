/** What a page does with the bundle `segno`: a step that is retried, a sleep, a signal, a definition that is refused. */
export const page = `(async () => {
  const globals = [typeof process, typeof Buffer, typeof require, typeof setImmediate, typeof global]
  const greet = ({ attempt, signal }, { name }) => {
    if (attempt === 1) throw new Error('again')
    return signal.aborted ? '' : 'Hello ' + name
  }
  const engine = segno.createEngine({ handlers: { greet } })
  const retry = { max: 1, delay: '1ms' }
  const definition = {
    segno: 1,
    name: 'greeting',
    input: { name: { type: 'string' } },
    output: { text: { type: 'string', value: '\${{ steps.greet.output }}' } },
    steps: [
      { id: 'greet', uses: 'greet', with: { name: '\${{ input.name }}' }, retry },
      { id: 'nap', sleep: '1ms' },
      { id: 'wait', waitFor: { signal: 'go' } },
    ],
  }
  const run = await engine.start(definition, { name: 'Ada' })
  const types = []
  const reading = (async () => {
    for await (const { type } of run.events()) {
      types.push(type)
      if (type === 'timer.fired') await run.signal('go')
    }
  })()
  const result = await run.result()
  await reading
  const refused = await engine.start({ segno: 1 }).catch(({ code }) => code)
  await engine.close()
  return JSON.stringify({ globals, result, refused, types })
})()`

/** What comes of it. */
export const pageOutcome = {
  globals: ['undefined', 'undefined', 'undefined', 'undefined', 'undefined'],
  result: { status: 'completed', output: { text: 'Hello Ada' } },
  refused: 'DEFINITION_INVALID',
  types: [
    ...['run.created', 'attempt.started', 'attempt.failed', 'attempt.started', 'step.completed'],
    ...['timer.set', 'timer.fired', 'step.completed', 'step.started', 'signal.received', 'signal.consumed'],
    ...['step.completed', 'run.completed'],
  ],
}

/** A run that waits for nothing, beside which the page counts its own turns. */
export const longRun = `(async () => {
  const definition = {
    segno: 1,
    name: 'long',
    limits: { steps: 100000 },
    steps: [
      {
        id: 'loop',
        repeat: { max: 20000, while: true },
        do: [{ id: 'step', set: { value: 1 } }],
        onExhausted: { output: null },
      },
    ],
  }
  const { port1, port2 } = new MessageChannel()
  let turns = 0
  port2.onmessage = () => port1.postMessage(++turns)
  const engine = segno.createEngine()
  const run = await engine.start(definition)
  port1.postMessage(turns)
  const { status } = await run.result()
  port1.close()
  await engine.close()
  return { status, turns }
})()`
