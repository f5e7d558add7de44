// Original file: protos/tributary/v1/binning.proto

import type { BinningColumn as _tributary_v1_BinningColumn, BinningColumn__Output as _tributary_v1_BinningColumn__Output } from '../../tributary/v1/BinningColumn.ts';

export interface BinningColumns {
  'columns'?: (_tributary_v1_BinningColumn)[];
}

export interface BinningColumns__Output {
  'columns': (_tributary_v1_BinningColumn__Output)[];
}
