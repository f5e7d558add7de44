import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ProfileColumn as _tributary_v1_ProfileColumn, ProfileColumn__Output as _tributary_v1_ProfileColumn__Output } from './tributary/v1/ProfileColumn.ts';
import type { ProfileColumns as _tributary_v1_ProfileColumns, ProfileColumns__Output as _tributary_v1_ProfileColumns__Output } from './tributary/v1/ProfileColumns.ts';
import type { ProfileTerms as _tributary_v1_ProfileTerms, ProfileTerms__Output as _tributary_v1_ProfileTerms__Output } from './tributary/v1/ProfileTerms.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      ProfileColumn: MessageTypeDefinition<_tributary_v1_ProfileColumn, _tributary_v1_ProfileColumn__Output>
      ProfileColumns: MessageTypeDefinition<_tributary_v1_ProfileColumns, _tributary_v1_ProfileColumns__Output>
      ProfileTerms: MessageTypeDefinition<_tributary_v1_ProfileTerms, _tributary_v1_ProfileTerms__Output>
    }
  }
}

