// Original file: protos/tributary/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DescribeFederation as _tributary_v1_DescribeFederation, DescribeFederation__Output as _tributary_v1_DescribeFederation__Output } from '../../tributary/v1/DescribeFederation.ts';
import type { FederationView as _tributary_v1_FederationView, FederationView__Output as _tributary_v1_FederationView__Output } from '../../tributary/v1/FederationView.ts';
import type { RevocationQuery as _tributary_v1_RevocationQuery, RevocationQuery__Output as _tributary_v1_RevocationQuery__Output } from '../../tributary/v1/RevocationQuery.ts';
import type { RevocationRequest as _tributary_v1_RevocationRequest, RevocationRequest__Output as _tributary_v1_RevocationRequest__Output } from '../../tributary/v1/RevocationRequest.ts';
import type { RevocationView as _tributary_v1_RevocationView, RevocationView__Output as _tributary_v1_RevocationView__Output } from '../../tributary/v1/RevocationView.ts';

export interface FederationClient extends grpc.Client {
  Describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  
  Revocations(argument: _tributary_v1_RevocationQuery, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revocations(argument: _tributary_v1_RevocationQuery, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revocations(argument: _tributary_v1_RevocationQuery, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revocations(argument: _tributary_v1_RevocationQuery, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revocations(argument: _tributary_v1_RevocationQuery, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revocations(argument: _tributary_v1_RevocationQuery, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revocations(argument: _tributary_v1_RevocationQuery, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revocations(argument: _tributary_v1_RevocationQuery, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  
  Revoke(argument: _tributary_v1_RevocationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _tributary_v1_RevocationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _tributary_v1_RevocationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  Revoke(argument: _tributary_v1_RevocationRequest, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revoke(argument: _tributary_v1_RevocationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revoke(argument: _tributary_v1_RevocationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revoke(argument: _tributary_v1_RevocationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  revoke(argument: _tributary_v1_RevocationRequest, callback: grpc.requestCallback<_tributary_v1_RevocationView__Output>): grpc.ClientUnaryCall;
  
}

export interface FederationHandlers extends grpc.UntypedServiceImplementation {
  Describe: grpc.handleUnaryCall<_tributary_v1_DescribeFederation__Output, _tributary_v1_FederationView>;
  
  Revocations: grpc.handleUnaryCall<_tributary_v1_RevocationQuery__Output, _tributary_v1_RevocationView>;
  
  Revoke: grpc.handleUnaryCall<_tributary_v1_RevocationRequest__Output, _tributary_v1_RevocationView>;
  
}

export interface FederationDefinition extends grpc.ServiceDefinition {
  Describe: MethodDefinition<_tributary_v1_DescribeFederation, _tributary_v1_FederationView, _tributary_v1_DescribeFederation__Output, _tributary_v1_FederationView__Output>
  Revocations: MethodDefinition<_tributary_v1_RevocationQuery, _tributary_v1_RevocationView, _tributary_v1_RevocationQuery__Output, _tributary_v1_RevocationView__Output>
  Revoke: MethodDefinition<_tributary_v1_RevocationRequest, _tributary_v1_RevocationView, _tributary_v1_RevocationRequest__Output, _tributary_v1_RevocationView__Output>
}
