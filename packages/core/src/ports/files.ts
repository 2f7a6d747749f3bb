/** What a path leads to; `missing` also where it leads out of the folder that the host keeps to. */
export type FileKind = 'file' | 'directory' | 'other' | 'missing'

/**
 * The files of the host, as far as the engine asks for them: whether what an
 * input names with `mustExist: true` is there when a run starts.
 */
export interface Files {
  /** What a relative path, with `/` between its parts, leads to. Rejects where the host cannot tell. */
  kind(path: string): Promise<FileKind>
  /**
   * The files that a pattern names (`*`, `?`, `**`, as in `inbox/*.json`), sorted, relative to the same folder.
   * Without it, no workflow with `watch` steps can be started.
   */
  glob?(pattern: string): Promise<readonly string[]>
}
