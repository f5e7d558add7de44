// Original file: protos/tributary/v1/profile.proto

import type { Long } from '@grpc/proto-loader';

export interface ProfileColumn {
  'alias'?: (string);
  'zh'?: (string);
  'en'?: (string);
  'sign'?: (number);
  'rows'?: (number | string | Long);
  'statistics'?: ({[key: string]: number | string});
}

export interface ProfileColumn__Output {
  'alias': (string);
  'zh': (string);
  'en': (string);
  'sign': (number);
  'rows': (number);
  'statistics': ({[key: string]: number});
}
