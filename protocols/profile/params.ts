// What each party brings to the profiles and what the guest gets.
import type { ColumnProfile } from '#credit/profile.ts'

export const PROFILE_VERSION = 1
export const MAX_COLUMNS = 2000
/** Rows that stand behind a number of a profile: a floor in code. */
export const LEAST_ROWS = 20

export interface ProfileParams {
  /** rows that must stand behind a number; at least LEAST_ROWS */
  readonly minimumRows: number
}

/** A column as its owner tells of it. */
export interface ProfiledColumn extends ColumnProfile {
  readonly alias: string
  /** what it is, where its owner says */
  readonly zh: string
  readonly en: string
  /** 1: larger values are riskier, −1: smaller ones, 0: no expectation */
  readonly sign: -1 | 0 | 1
}

export interface ProfileHostInput {
  readonly params: ProfileParams
  readonly columns: readonly ProfiledColumn[]
}

export interface ProfileGuestInput {
  readonly params: ProfileParams
}

export interface ProfileGuestOutput {
  readonly parties: Readonly<Record<string, readonly ProfiledColumn[]>>
}
