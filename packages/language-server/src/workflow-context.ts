import type { HandlerContract } from '@segno/core'
import type { ReadImport } from '@segno/schema'
import type { TextDocument } from 'vscode-languageserver-textdocument'

/** A text that is open in an editor, and what is around it. */
export interface WorkflowContext {
  readonly document: TextDocument
  /** The path of the file as diagnostics tell it, from the folder of the workspace, with `/`. */
  readonly file: string
  /** Gives the texts of other files; without it, no import is followed. */
  readonly read?: ReadImport
  /** The handlers that the host has; without them, it is not known which there are. */
  readonly handlers?: readonly HandlerContract[]
  /** What the host performs beside its handlers, as the command tells it: `exec`, `http`, … */
  readonly performs?: readonly string[]
  /** The paths of the workflows of the workspace, spelled as `file` is. */
  readonly workflows?: () => readonly string[]
}
