// For tests: a context that keeps what was said.
import type { CliContext } from './context.ts'

export function testContext(
  changes: Partial<CliContext> = {},
): CliContext & { readonly printed: string[]; readonly noted: string[] } {
  const printed: string[] = []
  const noted: string[] = []
  return {
    language: 'en',
    t: (en) => en,
    out: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    environment: {},
    live: false,
    colour: false,
    columns: () => 100,
    style: (_, text) => text,
    signal: new AbortController().signal,
    ...changes,
    printed,
    noted,
  }
}
