// Original file: protos/tributary/v1/jobs.proto

import type { OfferedDataset as _tributary_v1_OfferedDataset, OfferedDataset__Output as _tributary_v1_OfferedDataset__Output } from '../../tributary/v1/OfferedDataset.ts';

export interface PartyView {
  'party'?: (string);
  'connected'?: (boolean);
  'software'?: (string);
  'datasets'?: (_tributary_v1_OfferedDataset)[];
}

export interface PartyView__Output {
  'party': (string);
  'connected': (boolean);
  'software': (string);
  'datasets': (_tributary_v1_OfferedDataset__Output)[];
}
