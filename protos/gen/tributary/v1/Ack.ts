// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface Ack {
  'job'?: (string);
  'from'?: (string);
  'to'?: (string);
  'seq'?: (number | string | Long);
  'held'?: (number | string | Long);
}

export interface Ack__Output {
  'job': (string);
  'from': (string);
  'to': (string);
  'seq': (number);
  'held': (number);
}
