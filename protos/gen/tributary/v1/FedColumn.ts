// Original file: protos/tributary/v1/fedavg.proto

import type { FedCells as _tributary_v1_FedCells, FedCells__Output as _tributary_v1_FedCells__Output } from '../../tributary/v1/FedCells.ts';

export interface FedColumn {
  'cells'?: (_tributary_v1_FedCells | null);
  'mean'?: (number | string);
  'deviation'?: (number | string);
  'quantiles'?: ({[key: string]: number | string});
}

export interface FedColumn__Output {
  'cells': (_tributary_v1_FedCells__Output | null);
  'mean': (number);
  'deviation': (number);
  'quantiles': ({[key: string]: number});
}
