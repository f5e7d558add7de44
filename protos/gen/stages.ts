import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { StageTurn as _tributary_v1_StageTurn, StageTurn__Output as _tributary_v1_StageTurn__Output } from './tributary/v1/StageTurn.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      StageTurn: MessageTypeDefinition<_tributary_v1_StageTurn, _tributary_v1_StageTurn__Output>
    }
  }
}

