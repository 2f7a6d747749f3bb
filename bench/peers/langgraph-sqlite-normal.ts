import type { Subject } from '../subject.ts'
import { openLangGraphSqlite, settingsOfLangGraphSqlite } from './parts/langgraph-sqlite.ts'

/** LangGraph with SQLite as better-sqlite3 has it by default. */
export const subject: Subject = {
  name: 'langgraph + sqlite',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-sqlite'],
  durability: 'process kill',
  settings: `synchronous=NORMAL, the default of better-sqlite3; ${settingsOfLangGraphSqlite}`,
  open: async (place) => openLangGraphSqlite(place, 'NORMAL'),
}
