// Original file: protos/tributary/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DescribeFederation as _tributary_v1_DescribeFederation, DescribeFederation__Output as _tributary_v1_DescribeFederation__Output } from '../../tributary/v1/DescribeFederation.ts';
import type { FederationView as _tributary_v1_FederationView, FederationView__Output as _tributary_v1_FederationView__Output } from '../../tributary/v1/FederationView.ts';

export interface FederationClient extends grpc.Client {
  Describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  Describe(argument: _tributary_v1_DescribeFederation, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  describe(argument: _tributary_v1_DescribeFederation, callback: grpc.requestCallback<_tributary_v1_FederationView__Output>): grpc.ClientUnaryCall;
  
}

export interface FederationHandlers extends grpc.UntypedServiceImplementation {
  Describe: grpc.handleUnaryCall<_tributary_v1_DescribeFederation__Output, _tributary_v1_FederationView>;
  
}

export interface FederationDefinition extends grpc.ServiceDefinition {
  Describe: MethodDefinition<_tributary_v1_DescribeFederation, _tributary_v1_FederationView, _tributary_v1_DescribeFederation__Output, _tributary_v1_FederationView__Output>
}
