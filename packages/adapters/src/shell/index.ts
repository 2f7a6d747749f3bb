/**
 * Runs the processes of `exec` and `run` steps on this machine: in a group of their
 * own, with a small environment, inside of a workspace, their output on disk.
 *
 * @module
 */
export { nodeShell, type NodeShellOptions, type ProposedCommand } from './node-shell.ts'
export { findInterpreter } from './script-file.ts'
