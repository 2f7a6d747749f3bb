import { defineConfig } from 'segno'
import { handlers } from './handlers.ts'

export default defineConfig({ handlers })
