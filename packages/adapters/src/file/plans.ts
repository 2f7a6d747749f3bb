import type { Definition } from '@segno/schema/plan'
import { ifPossible, unsupported } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { jsonOf } from './record.ts'
import type { FileStore } from './store.ts'

/** `Storage.putPlan`. */
export async function putPlan(store: FileStore, hash: string, definition: Definition): Promise<void> {
  if (store.plans.has(hash)) return
  const { disk, layout } = store
  const name = fileNameOf(hash)
  if (name === undefined) throw unsupported(`a plan with the hash ${JSON.stringify(hash)}`)
  await store.ready()
  const staged = `${layout.staging}/${store.freshName()}`
  const file = await disk.create(staged)
  try {
    await file?.write(Buffer.from(`${jsonOf(definition)}\n`))
    await file?.sync()
  } finally {
    await file?.close()
  }
  // Whoever was first has written the same; that it is durable has to be seen to all the same.
  await disk.link(staged, `${layout.plans}/${name}.json`)
  await disk.syncFolder(layout.plans)
  await ifPossible(disk.remove(staged))
  store.plans.add(hash)
}

/** `Storage.getPlan`. */
export async function getPlan({ disk, layout }: FileStore, hash: string): Promise<Definition | undefined> {
  const name = fileNameOf(hash)
  const bytes = name === undefined ? undefined : await disk.read(`${layout.plans}/${name}.json`)
  return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as Definition)
}
