import { defineConfig } from 'segno'
import { handlersIn } from './handlers.ts'

// The command works in the working folder, or in that of `--cwd`.
export default defineConfig({ handlers: handlersIn(process.cwd()) })
