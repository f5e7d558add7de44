// Original file: protos/tributary/v1/fedavg.proto

import type { FedQuality as _tributary_v1_FedQuality, FedQuality__Output as _tributary_v1_FedQuality__Output } from '../../tributary/v1/FedQuality.ts';
import type { Long } from '@grpc/proto-loader';

export interface FedMean {
  'label'?: (Buffer | Uint8Array | string);
  'sums'?: (Buffer | Uint8Array | string);
  'quality'?: (_tributary_v1_FedQuality | null);
  'rows'?: (number | string | Long);
  'commitments'?: (Buffer | Uint8Array | string);
}

export interface FedMean__Output {
  'label': (Buffer);
  'sums': (Buffer);
  'quality': (_tributary_v1_FedQuality__Output | null);
  'rows': (number);
  'commitments': (Buffer);
}
