// Original file: protos/tributary/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface PartyProgress {
  'party'?: (string);
  'connected'?: (boolean);
  'task'?: (string);
  'round'?: (number);
  'phase'?: (string);
  'done'?: (number | string | Long);
  'total'?: (number | string | Long);
  'unit'?: (string);
  'sent_bytes'?: (number | string | Long);
  'received_bytes'?: (number | string | Long);
  'group'?: (string);
}

export interface PartyProgress__Output {
  'party': (string);
  'connected': (boolean);
  'task': (string);
  'round': (number);
  'phase': (string);
  'done': (number);
  'total': (number);
  'unit': (string);
  'sent_bytes': (number);
  'received_bytes': (number);
  'group': (string);
}
