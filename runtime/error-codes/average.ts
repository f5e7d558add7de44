// Codes of federated averaging: models, local training, rounds.
import type { ErrorEntry } from './entry.ts'

export const AVERAGE_CODES = {
  'average.model': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'the model of a job with federated averaging does not fit its columns or the limits',
    mend: 'mend what is named; the limits are in docs/job.schema.json',
  },
  'average.layer': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'the Keras-style JSON has a layer that cannot be averaged, or that this platform does not know',
    mend: 'leave out the layer that is named: layers that keep statistics or draw at random (BatchNormalization, Dropout) have no exact average',
  },
  'average.settings': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'settings of federated averaging do not fit together or are outside their range',
    mend: 'mend what is named; the ranges are in docs/job.schema.json',
  },
  'average.rows': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'the rows to train on do not fit the model',
    mend: 'check the data set that is named: number of columns, labels of 0 and 1, finite values',
  },
  'average.diverged': {
    grpc: 'ABORTED',
    retry: 'never',
    who: 'modeler',
    summary: 'local training of federated averaging diverged',
    mend: 'lower the learning rate or the number of local epochs, or raise decay or the proximal term',
  },
  'average.engine': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'no tensor engine could be started',
    mend: 'install the packages of the platform again with `npm ci`; the log has the cause of each engine',
  },
  'average.state': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'a stored state of federated averaging cannot be read',
    mend: 'restore the files of the job from a backup, or cancel the job',
  },
  'average.left-out': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'the job ended while this party was left out of its rounds: it holds no model',
    mend: 'keep the agent connected; the parties that took part hold the model, and a job that goes on `from` it can be started by them',
  },
  'average.too-few-parties': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'fewer than three parties would average: each could work out the update of the other',
    mend: 'add a party, or ask for differential privacy in `average`',
  },
  'average.other-round': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'an update or a sum belongs to another round, model, opener or set of participants',
    mend: 'report it: parties that started from the same model agree on every round',
  },
  'average.too-many-rounds': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'updates of more sums wait in one round than it can have open',
    mend: 'compare the versions of the parties: one of them sends updates of rounds that the others do not know',
  },
  'average.impossible': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'a sum holds a number that no updates inside their bounds can give',
    mend: 'report it: a party sent numbers outside the agreed bounds, or the opener told another sum',
  },
} as const satisfies Record<string, ErrorEntry>
