// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface RoundClosed {
  'job'?: (string);
  'task'?: (string);
  'round'?: (number);
  'finished'?: (boolean);
  'record_digest'?: (Buffer | Uint8Array | string);
  'sent_bytes'?: (number | string | Long);
  'received_bytes'?: (number | string | Long);
  'voided'?: (boolean);
}

export interface RoundClosed__Output {
  'job': (string);
  'task': (string);
  'round': (number);
  'finished': (boolean);
  'record_digest': (Buffer);
  'sent_bytes': (number);
  'received_bytes': (number);
  'voided': (boolean);
}
