// Original file: protos/tributary/v1/secureboost.proto

import type { BoostChoice as _tributary_v1_BoostChoice, BoostChoice__Output as _tributary_v1_BoostChoice__Output } from '../../tributary/v1/BoostChoice.ts';

export interface BoostChosen {
  'splits'?: (_tributary_v1_BoostChoice)[];
}

export interface BoostChosen__Output {
  'splits': (_tributary_v1_BoostChoice__Output)[];
}
