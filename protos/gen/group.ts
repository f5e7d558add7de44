import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GroupKey as _tributary_v1_GroupKey, GroupKey__Output as _tributary_v1_GroupKey__Output } from './tributary/v1/GroupKey.ts';
import type { GroupSeed as _tributary_v1_GroupSeed, GroupSeed__Output as _tributary_v1_GroupSeed__Output } from './tributary/v1/GroupSeed.ts';
import type { GroupSum as _tributary_v1_GroupSum, GroupSum__Output as _tributary_v1_GroupSum__Output } from './tributary/v1/GroupSum.ts';
import type { GroupTerms as _tributary_v1_GroupTerms, GroupTerms__Output as _tributary_v1_GroupTerms__Output } from './tributary/v1/GroupTerms.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      GroupKey: MessageTypeDefinition<_tributary_v1_GroupKey, _tributary_v1_GroupKey__Output>
      GroupSeed: MessageTypeDefinition<_tributary_v1_GroupSeed, _tributary_v1_GroupSeed__Output>
      GroupSum: MessageTypeDefinition<_tributary_v1_GroupSum, _tributary_v1_GroupSum__Output>
      GroupTerms: MessageTypeDefinition<_tributary_v1_GroupTerms, _tributary_v1_GroupTerms__Output>
    }
  }
}

