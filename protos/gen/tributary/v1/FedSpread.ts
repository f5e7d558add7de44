// Original file: protos/tributary/v1/fedavg.proto

import type { FedCells as _tributary_v1_FedCells, FedCells__Output as _tributary_v1_FedCells__Output } from '../../tributary/v1/FedCells.ts';

export interface FedSpread {
  'columns'?: (_tributary_v1_FedCells)[];
}

export interface FedSpread__Output {
  'columns': (_tributary_v1_FedCells__Output)[];
}
