// Original file: protos/tributary/v1/fedavg.proto

import type { FedColumn as _tributary_v1_FedColumn, FedColumn__Output as _tributary_v1_FedColumn__Output } from '../../tributary/v1/FedColumn.ts';

export interface FedSummary {
  'columns'?: (_tributary_v1_FedColumn)[];
}

export interface FedSummary__Output {
  'columns': (_tributary_v1_FedColumn__Output)[];
}
