import { once } from 'node:events'
import { startService } from './service.ts'

await using service = await startService({ port: Number(process.env['PORT'] ?? 8080) })
console.log(`listening on ${service.url}`)

await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
