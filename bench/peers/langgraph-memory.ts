import { MemorySaver } from '@langchain/langgraph'
import type { Subject } from '../subject.ts'
import { openLangGraph, settingsOfLangGraph } from './parts/langgraph.ts'

/** LangGraph with the checkpointer that keeps them in memory. */
export const subject: Subject = {
  name: 'langgraph + memory',
  packages: ['@langchain/langgraph'],
  durability: 'none',
  settings: `MemorySaver; ${settingsOfLangGraph}`,
  leftOut: { W4: 'in memory: a killed run leaves nothing' },
  async open(place) {
    const { recover: _, ...opened } = openLangGraph({ checkpointer: new MemorySaver() }, place.longSteps)
    return opened
  },
}
