// Original file: protos/tributary/v1/fedavg.proto

import type { Long } from '@grpc/proto-loader';

export interface FedCells {
  'edges'?: (number | string)[];
  'rows'?: (number | string | Long)[];
  'missing'?: (number | string | Long);
  'missing_withheld'?: (boolean);
}

export interface FedCells__Output {
  'edges': (number)[];
  'rows': (number)[];
  'missing': (number);
  'missing_withheld': (boolean);
}
