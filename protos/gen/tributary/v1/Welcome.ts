// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'wire_version'?: (number);
  'federation'?: (string);
  'coordinator_time'?: (string);
  'max_chunk_bytes'?: (number | string | Long);
}

export interface Welcome__Output {
  'wire_version': (number);
  'federation': (string);
  'coordinator_time': (string);
  'max_chunk_bytes': (number);
}
