import { join } from 'node:path'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import type { Opened, Place } from '../../subject.ts'
import { Database } from './better-sqlite3.ts'
import { openLangGraph, settingsOfLangGraph } from './langgraph.ts'

/** What is the same of LangGraph with SQLite, whatever is synced. */
export const settingsOfLangGraphSqlite = `SqliteSaver on node:sqlite in place of better-sqlite3, whose binary no package holds; journal_mode=WAL; durability: sync; ${settingsOfLangGraph}; recover: invoke(null)`

/** LangGraph with its SQLite checkpointer, which itself sets WAL and leaves `synchronous` as it is. */
export function openLangGraphSqlite(place: Place, synchronous: 'FULL' | 'NORMAL'): Opened {
  const database = new Database(join(place.folder, 'langgraph.db'))
  database.pragma('journal_mode=WAL')
  database.pragma(`synchronous=${synchronous}`)
  return {
    ...openLangGraph({ checkpointer: new SqliteSaver(database), durability: 'sync' }, place.longSteps),
    async close() {
      database.close()
    },
  }
}
