// The version of this program, from package.json.
import { readFileSync } from 'node:fs'

export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** How agents and coordinators call themselves to each other. */
export function softwareName(): string {
  return `tributary/${packageVersion()}`
}

/** What made a result: this program and the Node that ran it. */
export function softwareVersion(): string {
  return `tributary ${packageVersion()}, Node ${process.version}`
}
