// What a lab leaves: result.json. Only a lab can read every party's home; in a real federation each reads its own.
import type { LocalModel, LocalResult } from '#cli/local-job.ts'

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
  /** only where the folder was kept */
  readonly folder?: string
}
