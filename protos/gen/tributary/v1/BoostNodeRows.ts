// Original file: protos/tributary/v1/secureboost.proto

import type { BoostNode as _tributary_v1_BoostNode, BoostNode__Output as _tributary_v1_BoostNode__Output } from '../../tributary/v1/BoostNode.ts';

export interface BoostNodeRows {
  'nodes'?: (_tributary_v1_BoostNode)[];
}

export interface BoostNodeRows__Output {
  'nodes': (_tributary_v1_BoostNode__Output)[];
}
