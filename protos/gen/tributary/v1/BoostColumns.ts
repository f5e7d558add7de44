// Original file: protos/tributary/v1/secureboost.proto

import type { BoostColumn as _tributary_v1_BoostColumn, BoostColumn__Output as _tributary_v1_BoostColumn__Output } from '../../tributary/v1/BoostColumn.ts';

export interface BoostColumns {
  'columns'?: (_tributary_v1_BoostColumn)[];
}

export interface BoostColumns__Output {
  'columns': (_tributary_v1_BoostColumn__Output)[];
}
