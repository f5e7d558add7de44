// Original file: protos/tributary/v1/link.proto

import type { LeftOut as _tributary_v1_LeftOut, LeftOut__Output as _tributary_v1_LeftOut__Output } from '../../tributary/v1/LeftOut.ts';

export interface RoundOpened {
  'job'?: (string);
  'task'?: (string);
  'round'?: (number);
  'left_out'?: (_tributary_v1_LeftOut)[];
  'voided'?: (boolean);
}

export interface RoundOpened__Output {
  'job': (string);
  'task': (string);
  'round': (number);
  'left_out': (_tributary_v1_LeftOut__Output)[];
  'voided': (boolean);
}
