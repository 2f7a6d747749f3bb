import { handlerEffects } from './steps.ts'
import type { Texts } from './text.ts'

const eitherWay = 'A question takes either "choices" or a "form".'
const signalOrReply = '"emit" takes either "signal" or "reply", and "to" beside "signal" only.'

/** The verbs, and the keys that one of them alone has. */
export const verbTexts: Texts = {
  UsesStep: 'Calls a handler of the host. What it returns is the output of the step.',
  'UsesStep.uses': {
    text: 'Calls a handler of the host, by its name. A major version may follow, send-mail@2: then no other will do.',
    also: {
      pattern: String.raw`^(?!(exec|run|http|agent|watch|emit)(@\d+)?$)[A-Za-z0-9][\w./:-]{0,127}(@\d+)?$`,
      errorMessage: 'Expected the name of a handler such as send-mail or send-mail@2, and not that of a verb.',
    },
  },
  'UsesStep.with': 'The input of the handler: any JSON with templates; null unless given.',
  'UsesStep.effect': {
    text: 'What may be done about an attempt that was lost; idempotent unless the step or its handler says otherwise.',
    values: handlerEffects,
  },
  'UsesStep.output': 'What the handler has to return.',
  'UsesStep.output.schema': 'JSON Schema of the output. What does not fit fails with OUTPUT_INVALID, without a retry.',

  ExecStep: 'Runs a program, without a shell.',
  'ExecStep.exec': {
    text: 'Runs a program, without a shell: the program, written out, then its arguments. Each item is exactly one argument, whatever its ${{ }} give.',
    examples: [['npm', 'test']],
    also: {
      minItems: 1,
      prefixItems: [{ type: 'string', minLength: 1, errorMessage: 'Expected the name of a program.' }],
    },
  },

  RunStep: 'Runs a script.',
  'RunStep.run': 'Runs a script. It holds no ${{ }}: values reach it through env only.',
  'RunStep.shell': {
    text: 'What runs the script; sh unless given.',
    values: {
      sh: 'Ends at the first command that fails.',
      bash: 'Ends at the first command that fails.',
      python: 'Python 3.',
      node: 'Node.js.',
    },
  },
  'Process.output': 'What the process gives; nothing unless given.',

  Capture: {
    text: 'What becomes of what a process prints or leaves.',
    also: {
      if: { required: ['from'], properties: { from: { enum: ['file', 'files'] } } },
      then: { required: ['path'] },
      else: {
        if: { required: ['from'], properties: { from: { enum: ['stdout', 'lines', 'json'] } } },
        then: {
          properties: { path: false },
          errorMessage: '"path" has a meaning with "from: file" and "from: files" only.',
        },
      },
    },
  },
  'Capture.from': {
    text: 'What the output is made of.',
    values: {
      stdout: 'The text that it printed, without one final newline.',
      lines: 'The lines of that text, as a list.',
      json: 'The value of that text as JSON.',
      file: 'The text of the file at path, or its JSON where schema is not one of text.',
      files: 'The paths of the files that path, a glob, names: a sorted list.',
    },
  },
  'Capture.path': {
    text: 'For file and files: relative to the folder that the process runs in, without "..". A template.',
    examples: ['report.json'],
    also: {
      pattern: String.raw`^(?=[^]*\$\{\{)|^{path}`,
      errorMessage: 'Expected a path inside of the workspace, without "..".',
    },
  },
  'Capture.schema': 'JSON Schema of the value. Another one fails with OUTPUT_INVALID.',
  'Capture.maxSize': 'More fails with OUTPUT_TOO_LARGE; 1MiB unless given.',

  AgentStep: 'A turn of an agent. No engine of this version runs it.',
  'AgentStep.agent': 'A turn of an agent: one of the agents of the workflow. No engine of this version runs it.',
  'AgentStep.prompt': 'What it is asked.',
  'AgentStep.session': 'The conversation that the turn belongs to.',
  'AgentStep.session.resume': 'A template that gives the session to go on with.',
  'AgentStep.output': 'What the agent has to answer.',
  'AgentStep.output.schema': 'JSON Schema of the answer.',
  'AgentStep.output.maxSize': 'The largest answer.',
  'AgentStep.candidates': 'Agents that do the same, each by itself.',
  'AgentStep.candidates.agent': 'One of the agents of the workflow.',
  'AgentStep.candidates.prompt': 'What it is asked.',
  'AgentStep.judge': 'Who says which candidate is best.',
  'AgentStep.judge.agent': 'One of the agents of the workflow.',
  'AgentStep.judge.prompt': 'What it is asked.',

  HttpStep: 'Makes a request. Gives { status, headers, body }; a status from 400 on fails with HTTP_STATUS.',
  'HttpStep.http': 'Makes a request. Gives { status, headers, body }; a status from 400 on fails with HTTP_STATUS.',
  'HttpStep.http.method': 'The method; GET unless given.',
  'HttpStep.http.url': {
    text: 'http:// or https:// and the rest, with templates, or one template.',
    examples: ['https://api.example.com/orders'],
  },
  'HttpStep.http.headers': {
    text: 'Headers, text by text, with templates. They may hold secrets.',
    examples: [{ Authorization: 'Bearer ${{ secrets.API_TOKEN }}' }],
  },
  'HttpStep.http.query': 'Added to the URL, value by value; a list gives its name several times.',
  'HttpStep.http.body': 'A text is sent as it is, anything else as JSON.',
  'HttpStep.http.redirects': 'How many redirects are followed; 5 unless given.',
  'HttpStep.http.maxSize': 'Of the body that is answered: more fails with OUTPUT_TOO_LARGE; 1MiB unless given.',
  'HttpStep.output': 'What the body that is answered has to be.',
  'HttpStep.output.schema': 'JSON Schema of the body. Another one fails with OUTPUT_INVALID.',

  CallStep: 'Runs another workflow in the same run, as if it were a block. Gives its outputs.',
  'CallStep.call': 'Runs another workflow in the same run, as if it were a block: name of an import.',
  'CallStep.with': 'Inputs of the other workflow, with templates.',

  StartStep: 'Starts another workflow as a run of its own.',
  'StartStep.start': 'Starts another workflow as a run of its own: name of an import.',
  'StartStep.with': 'Inputs of the other workflow, with templates.',
  'StartStep.wait':
    'Whether the step waits for the end of that run, and gives its outputs; true unless given. Otherwise it gives { runId }.',
  'StartStep.detached': 'Whether that run goes on when this step or run is cancelled or fails; false unless given.',

  SetStep: 'Computes values: its output is the map.',
  'SetStep.set': 'Computes values: the output is this map, with its templates evaluated.',

  AssertStep: 'Fails with ASSERTION_FAILED unless its expression is true.',
  'AssertStep.assert': 'Fails with ASSERTION_FAILED unless this is true.',
  'AssertStep.message': 'What the failure says: a text with templates.',

  SleepStep: 'Waits for a while.',
  'SleepStep.sleep': 'Waits for so long.',

  SleepUntilStep: 'Waits until an instant. One that has passed ends at once.',
  'SleepUntilStep.sleepUntil': {
    text: 'Waits until an instant: RFC 3339 text with its zone, such as 2026-01-31T06:00:00Z, or a template that gives one.',
    examples: ['2026-01-31T06:00:00Z'],
    also: {
      pattern: String.raw`\$\{\{|^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$`,
      errorMessage: 'Expected an instant such as 2026-01-31T06:00:00Z.',
    },
  },

  WaitForStep: 'Waits for a signal, which may have arrived before. Gives its data.',
  'WaitForStep.waitFor': 'Waits for a signal, which may have arrived before. Gives its data.',
  'WaitForStep.waitFor.signal': 'Name of the signal: a text or template.',
  'WaitForStep.waitFor.if': 'Sees data; a signal for which it is false is left for others.',
  'WaitForStep.waitFor.schema': 'JSON Schema of the data. A signal that does not fit is ignored, and the wait goes on.',

  AskStep: 'Asks a person. Gives { choice, form, by, at, comment }, as far as they were given.',
  'AskStep.ask': {
    text: 'Asks a person: choices or a form. Gives { choice, form, by, at, comment }, as far as they were given.',
    also: {
      if: { required: ['choices'] },
      then: { properties: { form: false }, errorMessage: eitherWay },
      else: { required: ['form'], errorMessage: eitherWay },
    },
  },
  'AskStep.ask.title': 'What is asked, in a few words: a text with templates.',
  'AskStep.ask.body': 'What is to be known about it: a text with templates.',
  'AskStep.ask.choices': { text: 'At least two; one of them is the answer.', examples: [['approve', 'reject']] },
  'AskStep.ask.form': 'The fields of the answer, as the inputs of a workflow.',
  'AskStep.ask.assignees': 'Who is asked. For people and their tools: whoever the host lets answer may answer.',
  'AskStep.ask.subject': 'What the question is about, shown with it: any value with templates.',

  WatchStep: 'Waits until files are there. Gives { files }, sorted.',
  'WatchStep.watch': 'Waits until files are there. Gives { files }, sorted.',
  'WatchStep.watch.glob': {
    text: 'A path with *, ? and **, without "..". A text with templates.',
    examples: ['inbox/*.json'],
    also: {
      pattern: String.raw`^(?=[^]*\$\{\{)|^{path}`,
      errorMessage: 'Expected a pattern inside of the workspace such as inbox/*.json, without "..".',
    },
  },
  'WatchStep.watch.minCount': 'How many there have to be; 1 unless given.',
  'WatchStep.watch.every': 'How often to look; 5s unless given.',

  EmitStep: 'Sends a signal, to who listens to this run or to another run; or answers one that was taken.',
  'EmitStep.emit': {
    text: 'Sends a signal, to who listens to this run or to another run; or answers one that was taken.',
    also: {
      if: { required: ['signal'] },
      then: { properties: { reply: false }, errorMessage: signalOrReply },
      else: { required: ['reply'], properties: { to: false }, errorMessage: signalOrReply },
    },
  },
  'EmitStep.emit.signal': 'Name of the signal: a text or template.',
  'EmitStep.emit.reply':
    'The waitFor step that took the signal to be answered; inside of a state machine, signal for what led to the state. Takes the place of signal.',
  'EmitStep.emit.data': 'What goes with it: JSON with templates.',
  'EmitStep.emit.to':
    'Id of a run, which gets it: a text or template. Without it, the signal is for whoever listens to this run.',

  ReturnStep: 'Ends the workflow as completed. Not inside parallel, forEach or finally.',
  'ReturnStep.return':
    'Ends the workflow as completed. Replaces the values of the outputs, and gives every one of them. Not inside parallel, forEach or finally.',

  FailStep: 'Fails here. retry and catch around it see the code.',
  'FailStep.fail': 'Fails here, with a code and a message.',
  'FailStep.fail.code': 'Code of the failure.',
  'FailStep.fail.message': 'For people: a text with templates.',
  'FailStep.fail.data': 'Details: JSON with templates.',
}
