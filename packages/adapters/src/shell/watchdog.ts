import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'

// Reads `+ 12` and `- 12` until we are gone, however we went, and kills the groups that are left. It ignores what a
// terminal or a stopping service sends to everybody.
const script = `
trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
groups=" $* "
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

// One for all shells of this process: groups are told apart by their numbers. It is a child of ours and not of the
// commands, so that none is left behind as a zombie where nobody adopts orphans, as in most containers.
const watched = new Set<number>()
let watchdog: Writable | undefined

/**
 * Has a process group killed when this process ends without having said `unwatch`,
 * also by `SIGKILL`. Throws where there can be no watchdog: then nothing may be started.
 */
export function watch(group: number): void {
  watched.add(group)
  if (watchdog === undefined) start()
  else watchdog.write(`+ ${group}\n`)
}

/** The group is gone. */
export function unwatch(group: number): void {
  watched.delete(group)
  watchdog?.write(`- ${group}\n`)
}

function start(): void {
  // What is under way it knows from its birth: there is no moment in which it lives and does not.
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...[...watched].map(String)], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.once('error', () => undefined)
  if (child.pid === undefined) throw new Error('no watchdog could be started')
  watchdog = child.stdin
  // A write that fails says the same as `exit`, which follows.
  child.stdin.on('error', () => undefined)
  child.once('exit', takeOver)
  // Neither of them keeps this process alive.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
}

// Somebody has killed it: another one watches over what is under way. Where the machine refuses that, the next command
// is refused too.
function takeOver(): void {
  watchdog = undefined
  if (watched.size === 0) return
  try {
    start()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
