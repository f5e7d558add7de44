// Original file: protos/tributary/v1/fedavg.proto

import type { Long } from '@grpc/proto-loader';

export interface FedQuality {
  'rows'?: (number | string | Long);
  'bad'?: (number | string | Long);
  'loss'?: (number | string | Long);
  'auc'?: (number | string | Long);
  'auc_error'?: (number | string | Long);
  'ks'?: (number | string | Long);
}

export interface FedQuality__Output {
  'rows': (number);
  'bad': (number);
  'loss': (number);
  'auc': (number);
  'auc_error': (number);
  'ks': (number);
}
