// Codes of differential privacy, and of updates that are not what they should be.
import type { ErrorEntry } from './entry.ts'

export const PRIVACY_CODES = {
  'privacy.budget-spent': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'one more round would cost more privacy than the job, or the owner of a data set, allows',
    mend: 'ask for fewer rounds or more noise; only the owner can raise the budget of a data set',
  },
  'privacy.settings': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'settings of differential privacy do not fit together or are outside their range',
    mend: 'mend what is named in `average.privacy`; sampling of rows needs unit row',
  },
  'privacy.too-coarse': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'the integers of an update are too coarse for so little noise: rounding would decide what is protected',
    mend: 'lower `average.clip`, or raise the noise multiplier or the sample rate',
  },
  'privacy.round-differs': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'a round that was charged already is asked for again with another cost',
    mend: 'report it: a round is protected once, with one set of numbers',
  },
  'robustness.sum-too-long': {
    grpc: 'ABORTED',
    retry: 'never',
    who: 'modeler',
    summary: 'the opened sum is longer than clipped updates can make it: at least one party did not clip',
    mend: 'open a dispute: parties open their updates of the round, and the diagnosis names who differs',
  },
  'robustness.opening-missing': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a dispute needs the updates of all participants of the round, each once',
    mend: 'ask the party that is named to open its update, or end the collaboration with it',
  },
  'dispute.invalid': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'a file of a dispute is not what it should be, or not from whom it should be',
    mend: 'ask for the file again: the request comes from the guest of the job, an answer from a party of the round',
  },
  'dispute.unknown-round': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'modeler',
    summary: 'this party kept nothing of that training round',
    mend: 'name a job that averaged and a round of it that ended; of large models only early rounds are kept',
  },
  'robustness.opening-differs': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'an opened update is not the one that was committed to, or the opened updates are not the sum',
    mend: 'report it: a party opened something else than it sent',
  },
} as const satisfies Record<string, ErrorEntry>
