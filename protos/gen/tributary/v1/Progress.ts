// Original file: protos/tributary/v1/link.proto

import type { Long } from '@grpc/proto-loader';

export interface Progress {
  'job'?: (string);
  'task'?: (string);
  'round'?: (number);
  'phase'?: (string);
  'done'?: (number | string | Long);
  'total'?: (number | string | Long);
  'unit'?: (string);
  'sent_bytes'?: (number | string | Long);
  'received_bytes'?: (number | string | Long);
}

export interface Progress__Output {
  'job': (string);
  'task': (string);
  'round': (number);
  'phase': (string);
  'done': (number);
  'total': (number);
  'unit': (string);
  'sent_bytes': (number);
  'received_bytes': (number);
}
