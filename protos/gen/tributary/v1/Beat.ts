// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface Beat {
  'number'?: (number | string | Long);
}

export interface Beat__Output {
  'number': (number);
}
