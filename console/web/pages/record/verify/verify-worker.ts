// Verifies a bundle beside the page, so that the page can be scrolled meanwhile. The verifier is loaded as the file that
// it is, verifier/verifier.js, byte for byte.
import type { VerifierMessage, VerifierModule } from './report.ts'

interface Order {
  readonly verifier: string
  readonly bundle: Blob
}

const page = globalThis as unknown as {
  onmessage: (event: { readonly data: Order }) => void
  postMessage(message: VerifierMessage): void
}

page.onmessage = ({ data }) => void verify(data)

async function verify({ verifier, bundle }: Order): Promise<void> {
  try {
    const { Verifier } = (await import(/* @vite-ignore */ verifier)) as VerifierModule
    await requireEd25519()
    const source = {
      size: bundle.size,
      read: async (offset: number, length: number) =>
        new Uint8Array(await bundle.slice(offset, offset + length).arrayBuffer()),
    }
    let told = 0
    const report = await Verifier.verifyBundle(source, (records, part) => {
      if (part < 1 && performance.now() - told < 100) return
      told = performance.now()
      page.postMessage({ kind: 'progress', records, part })
    })
    page.postMessage({ kind: 'report', report, codes: Verifier.CODES })
  } catch (thrown) {
    page.postMessage({ kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) })
  }
}

/** Older browsers have WebCrypto without it. */
async function requireEd25519(): Promise<void> {
  const raw = new Uint8Array(32).fill(1)
  await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']).catch((thrown: unknown) => {
    if ((thrown as Error).name === 'NotSupportedError') throw new Error('no-ed25519')
  })
}
