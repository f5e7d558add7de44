// Original file: protos/tributary/v1/link.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentFrame as _tributary_v1_AgentFrame, AgentFrame__Output as _tributary_v1_AgentFrame__Output } from '../../tributary/v1/AgentFrame.ts';
import type { CoordinatorFrame as _tributary_v1_CoordinatorFrame, CoordinatorFrame__Output as _tributary_v1_CoordinatorFrame__Output } from '../../tributary/v1/CoordinatorFrame.ts';

export interface AgentLinkClient extends grpc.Client {
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tributary_v1_AgentFrame, _tributary_v1_CoordinatorFrame__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tributary_v1_AgentFrame, _tributary_v1_CoordinatorFrame__Output>;
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tributary_v1_AgentFrame, _tributary_v1_CoordinatorFrame__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tributary_v1_AgentFrame, _tributary_v1_CoordinatorFrame__Output>;
  
}

export interface AgentLinkHandlers extends grpc.UntypedServiceImplementation {
  Connect: grpc.handleBidiStreamingCall<_tributary_v1_AgentFrame__Output, _tributary_v1_CoordinatorFrame>;
  
}

export interface AgentLinkDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_tributary_v1_AgentFrame, _tributary_v1_CoordinatorFrame, _tributary_v1_AgentFrame__Output, _tributary_v1_CoordinatorFrame__Output>
}
