// Original file: protos/tributary/v1/profile.proto

import type { ProfileColumn as _tributary_v1_ProfileColumn, ProfileColumn__Output as _tributary_v1_ProfileColumn__Output } from '../../tributary/v1/ProfileColumn.ts';

export interface ProfileColumns {
  'columns'?: (_tributary_v1_ProfileColumn)[];
}

export interface ProfileColumns__Output {
  'columns': (_tributary_v1_ProfileColumn__Output)[];
}
