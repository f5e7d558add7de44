// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface Copy {
  'to'?: (string);
  'seq'?: (number | string | Long);
}

export interface Copy__Output {
  'to': (string);
  'seq': (number);
}
