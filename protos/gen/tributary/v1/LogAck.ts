// Original file: protos/tributary/v1/log.proto

import type { Long } from '@grpc/proto-loader';

export interface LogAck {
  'collaboration'?: (string);
  'seq'?: (number | string | Long);
}

export interface LogAck__Output {
  'collaboration': (string);
  'seq': (number);
}
