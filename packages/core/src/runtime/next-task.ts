/** Calls back in a task of its own: after all microtasks, and after what the platform has waiting. */
export function nextTask(callback: () => void): void {
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown }
  if (setImmediate !== undefined) {
    setImmediate(callback)
    return
  }
  // A browser has no `setImmediate`, and its `setTimeout` waits for 4 ms.
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => {
    port1.close()
    callback()
  })
  port1.start()
  port2.postMessage(undefined)
}
