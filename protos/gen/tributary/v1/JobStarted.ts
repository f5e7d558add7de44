// Original file: protos/tributary/v1/link.proto

import type { PartyKey as _tributary_v1_PartyKey, PartyKey__Output as _tributary_v1_PartyKey__Output } from '../../tributary/v1/PartyKey.ts';

export interface JobStarted {
  'job'?: (string);
  'keys'?: (_tributary_v1_PartyKey)[];
}

export interface JobStarted__Output {
  'job': (string);
  'keys': (_tributary_v1_PartyKey__Output)[];
}
