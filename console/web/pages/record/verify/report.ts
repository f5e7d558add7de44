// What verifier/verifier.js says of a bundle. It is plain JavaScript on purpose: here are the types of its answer.

export interface VerifierProblem {
  readonly code: string
  /** number of a record */
  readonly index?: number
  /** a party */
  readonly who?: string
  readonly text: string
}

export interface VerifierReport {
  readonly ok: boolean
  /** the first thousand */
  readonly problems: readonly VerifierProblem[]
  readonly problemCount: number
  readonly facts: {
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly cosigners: readonly { readonly name: string; readonly time: number }[]
    /** by name, the coordinator's log as the last one; SHA-256 of the keys, hex */
    readonly participants: readonly { readonly name: string; readonly fingerprint: string }[]
    readonly jobs: readonly { readonly job: string; readonly party: string; readonly state: string }[]
    readonly sent: readonly {
      readonly party: string
      readonly class: string
      readonly messages: number
      readonly bytes: number
    }[]
    readonly refusals: readonly {
      readonly party: string
      readonly job: string
      readonly code: string
      readonly time: string
    }[]
    readonly anomalies: readonly {
      readonly party: string
      readonly job: string
      readonly code: string
      readonly time: string
    }[]
  }
}

/** Bytes to verify, read in pieces: a bundle may be larger than memory. */
export interface BundleSource {
  readonly size: number
  readonly read: (offset: number, length: number) => Promise<Uint8Array>
}

/** The module as it is loaded. */
export interface VerifierModule {
  readonly Verifier: {
    verifyBundle(source: BundleSource, onProgress?: (records: number, part: number) => void): Promise<VerifierReport>
    /** every code: [English, Chinese] */
    readonly CODES: Readonly<Record<string, readonly [en: string, zh: string]>>
  }
}

/** What is said of a finished check, from the worker to the page. */
export type VerifierMessage =
  | { readonly kind: 'progress'; readonly records: number; readonly part: number }
  | { readonly kind: 'report'; readonly report: VerifierReport; readonly codes: VerifierModule['Verifier']['CODES'] }
  | { readonly kind: 'failed'; readonly reason: string }
