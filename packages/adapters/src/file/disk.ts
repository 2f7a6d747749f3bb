/**
 * The few things that the file storage asks of a file system, so that a test can
 * say what a disk holds after a crash at any of them. Paths are absolute. Nothing
 * is durable before its `sync`: neither bytes nor names.
 */
export interface Disk {
  /** Bytes of a file from `from` on, at most `length`; fewer where it ends before; `undefined` where there is none. */
  read(path: string, from?: number, length?: number): Promise<Uint8Array | undefined>
  /** Names in a folder, in no order; `undefined` where there is none. */
  list(folder: string): Promise<readonly string[] | undefined>
  /** `undefined` where there is no file. */
  look(path: string): Promise<FileLook | undefined>
  /** Whether a name is there, in a folder that is in use: it is asked for with every append. */
  has(path: string): Promise<boolean>
  /** Makes a folder and those above it; one that is there is left alone. */
  makeFolder(folder: string): Promise<void>
  /** Makes a folder that must not be there: false where it is. */
  makeNewFolder(folder: string): Promise<boolean>
  /** Makes a file that must not be there (`O_EXCL`), for writing at its end; `undefined` where it is. */
  create(path: string, use?: FileUse): Promise<DiskFile | undefined>
  /** Opens a file that is there, for writing at its end; `undefined` where it is not. */
  open(path: string): Promise<DiskFile | undefined>
  /**
   * Gives a file or folder another name, in the place of the file or the empty
   * folder that has it: false where there is nothing to rename, or where the name is
   * that of a folder with something in it.
   */
  rename(from: string, to: string): Promise<boolean>
  /** Gives a second name to a file: false where that name is taken, or there is no such file or folder. */
  link(from: string, to: string): Promise<boolean>
  /** Removes a file; false where there was none. */
  remove(path: string): Promise<boolean>
  /** Removes a folder with all in it. */
  removeFolder(folder: string): Promise<void>
  /** Makes the names in a folder durable. */
  syncFolder(folder: string): Promise<void>
  /** Calls back with names that change in a folder, as far as it hears of them. Returns how to stop. */
  watch?(folder: string, callback: (name: string) => void): () => void
}

/** What can be seen of a file without reading it. */
export interface FileLook {
  readonly size: number
  /** Tells a file from the one that has its name later. */
  readonly identity: string
}

/** What a file is made for. */
export interface FileUse {
  /** It is written by `commit` only. */
  readonly commits: true
}

/** A file that is open for writing at its end. */
export interface DiskFile {
  /** Writes all bytes, or rejects; then any part of them may have been written. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes what was written durable (`fdatasync`). A rejection says nothing about what is durable, also not of a later call. */
  sync(): Promise<void>
  /** Writes all bytes and makes them durable. After a rejection, any part of them may have been written, and may be durable. */
  commit(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}
