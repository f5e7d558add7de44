// Original file: protos/tributary/v1/link.proto

import type { Failure as _tributary_v1_Failure, Failure__Output as _tributary_v1_Failure__Output } from '../../tributary/v1/Failure.ts';

export interface TaskFailed {
  'job'?: (string);
  'task'?: (string);
  'round'?: (number);
  'failure'?: (_tributary_v1_Failure | null);
}

export interface TaskFailed__Output {
  'job': (string);
  'task': (string);
  'round': (number);
  'failure': (_tributary_v1_Failure__Output | null);
}
