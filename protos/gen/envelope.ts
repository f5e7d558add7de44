import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { TaskMessage as _tributary_v1_TaskMessage, TaskMessage__Output as _tributary_v1_TaskMessage__Output } from './tributary/v1/TaskMessage.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      TaskMessage: MessageTypeDefinition<_tributary_v1_TaskMessage, _tributary_v1_TaskMessage__Output>
    }
  }
}

