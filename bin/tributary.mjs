#!/usr/bin/env node
// Plain JavaScript for any Node from 20 on: finds the Node that the project is written for and runs cli/main.ts on it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'cli', 'main.ts')

if (!existsSync(join(root, 'node_modules', 'commander'))) {
  stop(
    'the packages are not installed yet: run `npm ci` here first (`npm run demo` and `npm test` do it by themselves)',
  )
} else if (isEnough(process.versions.node)) {
  process.argv[1] = main
  await import(main)
} else {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) run(pinned)
  else
    stop(
      `this is Node ${process.versions.node}, and Tributary needs Node 24.15 or newer: install Node 24 LTS and try again`,
    )
}

/** TypeScript as written, `using` and node:sqlite are there from 24.15 on. */
function isEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 15)
}

function run(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child from the terminal; a signal sent to this process alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => stop(`could not start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}

function stop(message) {
  process.stderr.write(`tributary: ${message}\n`)
  process.exitCode = 1
}
