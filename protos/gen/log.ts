import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Cosignature as _tributary_v1_Cosignature, Cosignature__Output as _tributary_v1_Cosignature__Output } from './tributary/v1/Cosignature.ts';
import type { LogAck as _tributary_v1_LogAck, LogAck__Output as _tributary_v1_LogAck__Output } from './tributary/v1/LogAck.ts';
import type { LogAppend as _tributary_v1_LogAppend, LogAppend__Output as _tributary_v1_LogAppend__Output } from './tributary/v1/LogAppend.ts';
import type { LogEntries as _tributary_v1_LogEntries, LogEntries__Output as _tributary_v1_LogEntries__Output } from './tributary/v1/LogEntries.ts';
import type { LogSync as _tributary_v1_LogSync, LogSync__Output as _tributary_v1_LogSync__Output } from './tributary/v1/LogSync.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      Cosignature: MessageTypeDefinition<_tributary_v1_Cosignature, _tributary_v1_Cosignature__Output>
      LogAck: MessageTypeDefinition<_tributary_v1_LogAck, _tributary_v1_LogAck__Output>
      LogAppend: MessageTypeDefinition<_tributary_v1_LogAppend, _tributary_v1_LogAppend__Output>
      LogEntries: MessageTypeDefinition<_tributary_v1_LogEntries, _tributary_v1_LogEntries__Output>
      LogSync: MessageTypeDefinition<_tributary_v1_LogSync, _tributary_v1_LogSync__Output>
    }
  }
}

