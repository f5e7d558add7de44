// Set-up before `npm run demo` and `npm test`, in plain JavaScript without dependencies: it runs on a fresh machine
// with Node 20 or newer, and installs the packages of the lock file where they are absent or others.
// `--check [DIR]` only says what is amiss.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 20
const checkOnly = process.argv[2] === '--check'
const root = (checkOnly && process.argv[3]) || fileURLToPath(new URL('..', import.meta.url))

const major = Number(process.versions.node.split('.')[0])
if (major < OLDEST_NODE) {
  say(`this is Node ${process.versions.node}; please install Node ${OLDEST_NODE} or newer (Node 24 LTS is best)`)
  process.exit(1)
}
const amiss = whatIsAmiss()
if (amiss !== undefined) {
  say(amiss)
  if (checkOnly) process.exit(1)
  install()
}

/** Compares what npm wrote down about node_modules with the lock file; undefined where they agree. */
function whatIsAmiss() {
  const installedPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return 'the packages are not installed yet'
  const installed = readPackages(installedPath)
  if (installed === undefined) return 'the list of installed packages is damaged'
  const locked = readPackages(join(root, 'package-lock.json')) ?? {}
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue
    const name = path.replace('node_modules/', '')
    const there = installed[path]
    if (there === undefined && !entry.optional) return `package ${name} is not installed`
    if (there !== undefined && there.version !== entry.version) {
      return `package ${name} is ${there.version} and should be ${entry.version}`
    }
  }
  return undefined
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

function install() {
  say('installing the packages of package-lock.json into node_modules (npm ci; nothing outside this folder changes) …')
  // Without node_modules/.bin: npm must not run on the very Node that it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')) && !folder.endsWith(`.bin${sep}`))
    .join(delimiter)
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
      shell: process.platform === 'win32',
    },
  )
  if (error !== undefined || status !== 0) {
    say('npm ci failed: look at its messages above; without a network, fill the npm cache first')
    process.exit(1)
  }
  say('the packages are in place')
}

function say(text) {
  process.stderr.write(`set-up: ${text}\n`)
}
