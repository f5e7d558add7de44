// Original file: protos/tributary/v1/binning.proto

import type { BinningColumnWeights as _tributary_v1_BinningColumnWeights, BinningColumnWeights__Output as _tributary_v1_BinningColumnWeights__Output } from '../../tributary/v1/BinningColumnWeights.ts';

export interface BinningWeights {
  'columns'?: (_tributary_v1_BinningColumnWeights)[];
}

export interface BinningWeights__Output {
  'columns': (_tributary_v1_BinningColumnWeights__Output)[];
}
