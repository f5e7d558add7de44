// What a lab leaves: result.json. Only a lab can read every party's home; in a real federation each reads its own.
import type { LocalModel, LocalResult } from '#cli/local-job.ts'

/** What `log export` and `verify` say of the lab's job. */
export interface LabEvidence {
  readonly bundle: string
  readonly dossier?: string
  readonly ok: boolean
  /** codes */
  readonly problems: readonly string[]
  readonly records: number
  /** of the log, hex */
  readonly root: string
}

export interface LabResult {
  readonly job: string
  readonly name: string
  readonly state: string
  readonly failure?: {
    readonly code: string
    readonly party: string
    readonly detail: Readonly<Record<string, string>>
  }
  /** of the hold-out set: bank alone and joint, with 95 % intervals */
  readonly metrics?: LocalResult
  /** by party */
  readonly models: Readonly<Record<string, LocalModel>>
  readonly losses: readonly { readonly round: number; readonly loss: number }[]
  /** payload bytes by sending party and message kind */
  readonly sent: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly seconds: { readonly setUp: number; readonly job: number; readonly tasks: Readonly<Record<string, number>> }
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string; readonly platform: string }
  /** only where the lab was asked for it */
  readonly evidence?: LabEvidence
  /** only where the folder was kept */
  readonly folder?: string
}
