// Original file: protos/tributary/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface OfferedDataset {
  'name'?: (string);
  'id_kind'?: (string);
  'rows'?: (number | string | Long);
  'columns'?: (string)[];
  'label'?: (string);
}

export interface OfferedDataset__Output {
  'name': (string);
  'id_kind': (string);
  'rows': (number);
  'columns': (string)[];
  'label': (string);
}
