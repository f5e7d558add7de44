// Original file: protos/tributary/v1/link.proto

import type { OfferedDataset as _tributary_v1_OfferedDataset, OfferedDataset__Output as _tributary_v1_OfferedDataset__Output } from '../../tributary/v1/OfferedDataset.ts';

export interface Catalog {
  'datasets'?: (_tributary_v1_OfferedDataset)[];
}

export interface Catalog__Output {
  'datasets': (_tributary_v1_OfferedDataset__Output)[];
}
