/** Waits until nobody reads what the command prints any more, as after `| head`. */
export function readerGone(): { readonly gone: Promise<void>; off(): void } {
  let heard: (error: NodeJS.ErrnoException) => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    heard = ({ code }) => {
      if (code === 'EPIPE') resolve()
    }
  })
  process.stdout.on('error', heard)
  process.stderr.on('error', heard)
  return {
    gone,
    off() {
      process.stdout.off('error', heard)
      process.stderr.off('error', heard)
    },
  }
}
