/**
 * The file of a door that is made to be the entry of a worker thread, such as
 * `sqlite/thread`, and what its process has to be started with. From a package it
 * is found by its name, since what asks for it may be in any file of the build;
 * from the sources it is the file beside them.
 */
export function threadFile(door: string): { readonly url: URL; readonly execArgv: readonly string[] } {
  const here = import.meta.url
  if (!here.endsWith('.ts')) return { url: new URL(import.meta.resolve(`@segno/adapters/${door}`)), execArgv: [] }
  return { url: new URL(`../${door}.ts`, here), execArgv: ['--conditions=@segno/source'] }
}
