// Original file: protos/tributary/v1/log.proto

import type { Long } from '@grpc/proto-loader';

export interface Cosignature {
  'collaboration'?: (string);
  'size'?: (number | string | Long);
  'line'?: (string);
}

export interface Cosignature__Output {
  'collaboration': (string);
  'size': (number);
  'line': (string);
}
