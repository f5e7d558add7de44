// The entry point of `tributary`: signals, context, program, exit code.
import { toPlatformError } from '#runtime/errors.ts'
import { CommanderError } from 'commander'
import { processContext } from './context.ts'
import { EXIT, exitCodeOf, printError } from './exit-codes.ts'
import { buildProgram } from './program.ts'

const argv = process.argv.slice(2)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // a second Ctrl-C does not wait for the tidying up
    if (stop.signal.aborted) process.exit(EXIT.interrupted)
    stop.abort()
  })
}
// A reader that went away, such as `| head`, is no failure.
process.stdout.on('error', () => process.exit(EXIT.done))

const cli = processContext(argv, stop.signal)
try {
  await buildProgram(cli).parseAsync(argv, { from: 'user' })
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage
  else if (stop.signal.aborted) process.exitCode = EXIT.interrupted
  else {
    const error = toPlatformError(thrown)
    await printError(cli, error, argv.includes('--json') && argv[0] !== 'lab')
    process.exitCode = exitCodeOf(error)
  }
}
