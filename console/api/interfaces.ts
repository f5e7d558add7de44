// The two interfaces whole: what an agent serves, and what a coordinator does. Nothing of a party is in the second.
import { accountCalls } from './account.ts'
import { approvalCalls } from './approvals.ts'
import { catalogueCalls } from './catalogue.ts'
import type { Calls } from './contract.ts'
import { coordinatorCalls } from './coordinator.ts'
import { dataCalls } from './data.ts'
import { healthCalls } from './health.ts'
import { jobCalls } from './jobs.ts'
import { ledgerCalls } from './ledger.ts'
import { modelCalls } from './models.ts'
import { oidcCalls } from './oidc.ts'
import { operationCalls } from './operation.ts'
import { passkeyCalls } from './passkeys.ts'
import { recordCalls } from './record.ts'
import { resultCalls } from './results.ts'
import { sessionCalls } from './session.ts'

const signingIn = { ...sessionCalls, ...accountCalls, ...passkeyCalls, ...oidcCalls }

export const AGENT_CALLS = {
  ...signingIn,
  ...catalogueCalls,
  ...jobCalls,
  ...resultCalls,
  ...modelCalls,
  ...approvalCalls,
  ...dataCalls,
  ...ledgerCalls,
  ...recordCalls,
  ...healthCalls,
  ...operationCalls,
} satisfies Calls

export const COORDINATOR_CALLS = { ...signingIn, ...coordinatorCalls } satisfies Calls
