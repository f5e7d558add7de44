// Runs the second verifier on a bundle, in this browser, and says which program it was.
import verifierUrl from '../../../../../verifier/verifier.js?url' // oxlint-disable-line import/default
import { hexOf } from './own-trust.ts'
import type { VerifierMessage, VerifierModule, VerifierReport } from './report.ts'
import workerUrl from './verify-worker.ts?worker&url' // oxlint-disable-line import/default

export interface Verification {
  readonly report: VerifierReport
  readonly codes: VerifierModule['Verifier']['CODES']
  readonly seconds: number
  /** SHA-256, hex */
  readonly bundleSha256: string
  readonly verifierSha256: string
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Where trusted types are asked for, a worker is started only from an address that a policy has passed: this one. */
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('verifier', {
  createScriptURL(url) {
    if (url !== workerUrl) throw new TypeError('another worker')
    return url
  },
})

/** The verifier as a file: what is compared with a copy that came another way. */
async function verifierDigest(): Promise<string> {
  const bytes = await (await fetch(verifierUrl)).arrayBuffer()
  return hexOf(await crypto.subtle.digest('SHA-256', bytes))
}

/** @throws Error when this browser cannot; what the bundle contains is in the report */
export async function runVerifier(
  bundle: Blob,
  onProgress: (records: number, part: number) => void,
  signal: AbortSignal,
): Promise<Verification> {
  const started = performance.now()
  const worker = new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module', name: 'verifier' })
  try {
    const said = new Promise<Extract<VerifierMessage, { kind: 'report' }>>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<VerifierMessage>) => {
        if (data.kind === 'progress') onProgress(data.records, data.part)
        else if (data.kind === 'report') resolve(data)
        else reject(new Error(data.reason))
      })
      worker.addEventListener('error', ({ message }) => reject(new Error(message || 'the worker did not start')))
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
    worker.postMessage({ verifier: new URL(verifierUrl, location.href).href, bundle })
    const { report, codes } = await said
    const seconds = (performance.now() - started) / 1000
    const [bundleSha256, verifierSha256] = await Promise.all([
      digestOf(bundle).catch(() => ''), // a bundle may be larger than memory; the report stays
      verifierDigest(),
    ])
    return { report, codes, seconds, bundleSha256, verifierSha256 }
  } finally {
    worker.terminate()
  }
}

async function digestOf(file: Blob): Promise<string> {
  return hexOf(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
}
