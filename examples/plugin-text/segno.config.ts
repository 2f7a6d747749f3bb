import { defineConfig } from 'segno'
// As a host has it that has installed the package: by its name.
import { textPlugin } from '@segno-examples/plugin-text'

export default defineConfig({ plugins: [textPlugin] })
