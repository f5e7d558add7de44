// Both verifiers on one bundle: the platform's own, and the script part of verifier/verify.html as it stands in the file.
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import type { Problem } from '#protocols/log/problems.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'

export interface PageReport {
  readonly ok: boolean
  readonly problems: readonly Problem[]
  readonly problemCount: number
  readonly facts: Readonly<Record<string, unknown>>
}

interface PageSource {
  readonly size: number
  readonly read: (offset: number, length: number) => Promise<Uint8Array>
}

/** What a page has and a bare context has not. */
const PAGE_GLOBALS = { crypto: globalThis.crypto, TextEncoder, TextDecoder, atob, btoa, Uint8Array }
const PAGE = new URL('../../verifier/verify.html', import.meta.url)

/** The verifier between the markers of the page, in a context of its own without Node. */
export function loadPageVerifier(): (source: PageSource) => Promise<PageReport> {
  const html = readFileSync(PAGE, 'utf8')
  const begin = html.indexOf('/* BEGIN VERIFIER')
  const end = html.indexOf('/* END VERIFIER */')
  if (begin < 0 || end < begin) throw new RangeError('verify.html has no markers')
  const verifier = runInContext(`${html.slice(begin, end)};Verifier`, createContext({ ...PAGE_GLOBALS }))
  return (source) => verifier.verifyBundle(source)
}

export function sourceOf(bytes: Uint8Array): PageSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

export interface Verdict {
  readonly ok: boolean
  /** each code once, sorted */
  readonly codes: readonly string[]
}

const verifyInPage = loadPageVerifier()

/** What each verifier says of a bundle. */
export async function bothVerdicts(bundle: Uint8Array): Promise<{ readonly own: Verdict; readonly page: Verdict }> {
  return {
    own: verdictOf(await verifyBundle(bundle, { workers: 0 })),
    page: verdictOf(await verifyInPage(sourceOf(bundle))),
  }
}

function verdictOf({ ok, problems }: Pick<PageReport, 'ok' | 'problems'>): Verdict {
  return { ok, codes: [...new Set(problems.map(({ code }) => code))].toSorted() }
}
