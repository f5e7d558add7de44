// Original file: protos/tributary/v1/enrolment.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ConfirmProposal as _tributary_v1_ConfirmProposal, ConfirmProposal__Output as _tributary_v1_ConfirmProposal__Output } from '../../tributary/v1/ConfirmProposal.ts';
import type { JoinFederation as _tributary_v1_JoinFederation, JoinFederation__Output as _tributary_v1_JoinFederation__Output } from '../../tributary/v1/JoinFederation.ts';
import type { Proposal as _tributary_v1_Proposal, Proposal__Output as _tributary_v1_Proposal__Output } from '../../tributary/v1/Proposal.ts';
import type { ShowProposal as _tributary_v1_ShowProposal, ShowProposal__Output as _tributary_v1_ShowProposal__Output } from '../../tributary/v1/ShowProposal.ts';

export interface EnrolmentClient extends grpc.Client {
  Confirm(argument: _tributary_v1_ConfirmProposal, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _tributary_v1_ConfirmProposal, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _tributary_v1_ConfirmProposal, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _tributary_v1_ConfirmProposal, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  confirm(argument: _tributary_v1_ConfirmProposal, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  confirm(argument: _tributary_v1_ConfirmProposal, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  confirm(argument: _tributary_v1_ConfirmProposal, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  confirm(argument: _tributary_v1_ConfirmProposal, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  
  Join(argument: _tributary_v1_JoinFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Join(argument: _tributary_v1_JoinFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Join(argument: _tributary_v1_JoinFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Join(argument: _tributary_v1_JoinFederation, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  join(argument: _tributary_v1_JoinFederation, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  join(argument: _tributary_v1_JoinFederation, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  join(argument: _tributary_v1_JoinFederation, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  join(argument: _tributary_v1_JoinFederation, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  
  Show(argument: _tributary_v1_ShowProposal, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Show(argument: _tributary_v1_ShowProposal, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Show(argument: _tributary_v1_ShowProposal, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  Show(argument: _tributary_v1_ShowProposal, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  show(argument: _tributary_v1_ShowProposal, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  show(argument: _tributary_v1_ShowProposal, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  show(argument: _tributary_v1_ShowProposal, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  show(argument: _tributary_v1_ShowProposal, callback: grpc.requestCallback<_tributary_v1_Proposal__Output>): grpc.ClientUnaryCall;
  
}

export interface EnrolmentHandlers extends grpc.UntypedServiceImplementation {
  Confirm: grpc.handleUnaryCall<_tributary_v1_ConfirmProposal__Output, _tributary_v1_Proposal>;
  
  Join: grpc.handleUnaryCall<_tributary_v1_JoinFederation__Output, _tributary_v1_Proposal>;
  
  Show: grpc.handleUnaryCall<_tributary_v1_ShowProposal__Output, _tributary_v1_Proposal>;
  
}

export interface EnrolmentDefinition extends grpc.ServiceDefinition {
  Confirm: MethodDefinition<_tributary_v1_ConfirmProposal, _tributary_v1_Proposal, _tributary_v1_ConfirmProposal__Output, _tributary_v1_Proposal__Output>
  Join: MethodDefinition<_tributary_v1_JoinFederation, _tributary_v1_Proposal, _tributary_v1_JoinFederation__Output, _tributary_v1_Proposal__Output>
  Show: MethodDefinition<_tributary_v1_ShowProposal, _tributary_v1_Proposal, _tributary_v1_ShowProposal__Output, _tributary_v1_Proposal__Output>
}
