// Original file: protos/tributary/v1/link.proto

import type { Failure as _tributary_v1_Failure, Failure__Output as _tributary_v1_Failure__Output } from '../../tributary/v1/Failure.ts';
import type { LeftOut as _tributary_v1_LeftOut, LeftOut__Output as _tributary_v1_LeftOut__Output } from '../../tributary/v1/LeftOut.ts';

export interface JobEnded {
  'job'?: (string);
  'state'?: (string);
  'failure'?: (_tributary_v1_Failure | null);
  'left_out'?: (_tributary_v1_LeftOut)[];
}

export interface JobEnded__Output {
  'job': (string);
  'state': (string);
  'failure': (_tributary_v1_Failure__Output | null);
  'left_out': (_tributary_v1_LeftOut__Output)[];
}
