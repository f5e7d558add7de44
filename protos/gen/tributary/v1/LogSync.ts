// Original file: protos/tributary/v1/log.proto

import type { Long } from '@grpc/proto-loader';

export interface LogSync {
  'collaboration'?: (string);
  'parties'?: (string)[];
  'size'?: (number | string | Long);
}

export interface LogSync__Output {
  'collaboration': (string);
  'parties': (string)[];
  'size': (number);
}
