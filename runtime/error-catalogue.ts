// Every code the platform refuses with, by area in error-codes/. `docs/errors.md` is generated from this table and a test
// compares the two.
import { AVERAGE_CODES } from './error-codes/average.ts'
import { CONSOLE_CODES } from './error-codes/console.ts'
import { FEDERATION_CODES } from './error-codes/federation.ts'
import { GROUP_CODES } from './error-codes/group.ts'
import { JOB_CODES } from './error-codes/jobs.ts'
import { MODELLING_CODES } from './error-codes/modelling.ts'
import { PRIVACY_CODES } from './error-codes/privacy.ts'

export const ERROR_CODES = {
  ...JOB_CODES,
  ...FEDERATION_CODES,
  ...MODELLING_CODES,
  ...AVERAGE_CODES,
  ...PRIVACY_CODES,
  ...GROUP_CODES,
  ...CONSOLE_CODES,
} as const
