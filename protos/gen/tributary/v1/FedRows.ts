// Original file: protos/tributary/v1/fedavg.proto

import type { Long } from '@grpc/proto-loader';

export interface FedRows {
  'label'?: (Buffer | Uint8Array | string);
  'train'?: (number | string | Long);
  'holdout'?: (number | string | Long);
}

export interface FedRows__Output {
  'label': (Buffer);
  'train': (number);
  'holdout': (number);
}
