import type { Subject } from '../subject.ts'
import { openLangGraph, settingsOfLangGraph } from './parts/langgraph.ts'

/** LangGraph without a checkpointer. */
export const subject: Subject = {
  name: 'langgraph',
  packages: ['@langchain/langgraph'],
  durability: 'none',
  settings: `no checkpointer; ${settingsOfLangGraph}`,
  leftOut: { W4: 'no checkpointer: a killed run leaves nothing' },
  async open(place) {
    const { recover: _, ...opened } = openLangGraph({}, place.longSteps)
    return opened
  },
}
