// Original file: protos/tributary/v1/binning.proto

import type { BinningShape as _tributary_v1_BinningShape, BinningShape__Output as _tributary_v1_BinningShape__Output } from '../../tributary/v1/BinningShape.ts';

export interface BinningShapes {
  'shapes'?: (_tributary_v1_BinningShape)[];
}

export interface BinningShapes__Output {
  'shapes': (_tributary_v1_BinningShape__Output)[];
}
