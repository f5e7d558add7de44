// Original file: protos/tributary/v1/link.proto

import type { Copy as _tributary_v1_Copy, Copy__Output as _tributary_v1_Copy__Output } from '../../tributary/v1/Copy.ts';
import type { Long } from '@grpc/proto-loader';

export interface Chunk {
  'job'?: (string);
  'from'?: (string);
  'to'?: (string);
  'seq'?: (number | string | Long);
  'index'?: (number);
  'count'?: (number);
  'total_bytes'?: (number | string | Long);
  'data'?: (Buffer | Uint8Array | string);
  'copies'?: (_tributary_v1_Copy)[];
}

export interface Chunk__Output {
  'job': (string);
  'from': (string);
  'to': (string);
  'seq': (number);
  'index': (number);
  'count': (number);
  'total_bytes': (number);
  'data': (Buffer);
  'copies': (_tributary_v1_Copy__Output)[];
}
