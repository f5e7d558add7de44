// Original file: protos/tributary/v1/log.proto

import type { Long } from '@grpc/proto-loader';

export interface LogEntries {
  'collaboration'?: (string);
  'from'?: (number | string | Long);
  'leaves'?: (Buffer | Uint8Array | string)[];
  'checkpoint'?: (Buffer | Uint8Array | string);
}

export interface LogEntries__Output {
  'collaboration': (string);
  'from': (number);
  'leaves': (Buffer)[];
  'checkpoint': (Buffer);
}
