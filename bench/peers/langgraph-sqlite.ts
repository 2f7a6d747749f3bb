import type { Subject } from '../subject.ts'
import { openLangGraphSqlite, settingsOfLangGraphSqlite } from './parts/langgraph-sqlite.ts'

/** LangGraph with SQLite, synced at each commit. */
export const subject: Subject = {
  name: 'langgraph + sqlite full',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-sqlite'],
  durability: 'power loss',
  settings: `synchronous=FULL; ${settingsOfLangGraphSqlite}`,
  open: async (place) => openLangGraphSqlite(place, 'FULL'),
}
