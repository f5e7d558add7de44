// What a lab leaves: result.json. Only a lab can read every party's home; in a real federation each reads its own.
import type { Cell } from '#credit/evaluation/pack.ts'
import type { StoredAverageResult } from '#party-agent/results/average-facts.ts'
import type { LocalModel, LocalResult, LocalTargetResult } from '#party-agent/results/local-job.ts'

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

/** From the guest's report. */
export interface LabReport {
  /** the table `partner_value`: for each set of rows and partner, gains in AUC with intervals, share, bytes, seconds */
  readonly value: readonly Readonly<Record<string, Cell>>[]
  /** columns of all owners; `dropped` counts them by the rule that dropped them */
  readonly selection?: {
    readonly offered: number
    readonly kept: number
    readonly dropped: Readonly<Record<string, number>>
  }
  /** of the pages, tables and model document; only where the lab was asked for evidence */
  readonly folder?: string
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
  /** instead of `metrics` where the label is a number or a count */
  readonly targetMetrics?: LocalTargetResult
  /** of a job over the rows of all parties: as each party has it, its own rows among it */
  readonly averages?: Readonly<Record<string, StoredAverageResult>>
  /** by party */
  readonly models: Readonly<Record<string, LocalModel>>
  readonly losses: readonly { readonly round: number; readonly loss: number }[]
  /** payload bytes by sending party and message kind */
  readonly sent: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly seconds: { readonly setUp: number; readonly job: number; readonly tasks: Readonly<Record<string, number>> }
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string; readonly platform: string }
  /** of a job that trained on weights of evidence or asked for partner values, or where the lab was asked for evidence */
  readonly report?: LabReport
  /** only where the lab was asked for it */
  readonly evidence?: LabEvidence
  /** only where the folder was kept */
  readonly folder?: string
}
