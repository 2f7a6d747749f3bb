import type { Subject } from '../subject.ts'
import { openMastra, settingsOfMastra } from './parts/mastra.ts'

/** Mastra in memory. */
export const subject: Subject = {
  name: 'mastra',
  packages: ['@mastra/core'],
  durability: 'none',
  settings: `no storage; ${settingsOfMastra}`,
  leftOut: { W4: 'in memory: a killed run leaves nothing' },
  async open(place) {
    const { recover: _, ...opened } = await openMastra(undefined, place.longSteps)
    return opened
  },
}
