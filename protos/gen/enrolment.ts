import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ConfirmProposal as _tributary_v1_ConfirmProposal, ConfirmProposal__Output as _tributary_v1_ConfirmProposal__Output } from './tributary/v1/ConfirmProposal.ts';
import type { EnrolmentClient as _tributary_v1_EnrolmentClient, EnrolmentDefinition as _tributary_v1_EnrolmentDefinition } from './tributary/v1/Enrolment.ts';
import type { JoinFederation as _tributary_v1_JoinFederation, JoinFederation__Output as _tributary_v1_JoinFederation__Output } from './tributary/v1/JoinFederation.ts';
import type { Proposal as _tributary_v1_Proposal, Proposal__Output as _tributary_v1_Proposal__Output } from './tributary/v1/Proposal.ts';
import type { ShowProposal as _tributary_v1_ShowProposal, ShowProposal__Output as _tributary_v1_ShowProposal__Output } from './tributary/v1/ShowProposal.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      ConfirmProposal: MessageTypeDefinition<_tributary_v1_ConfirmProposal, _tributary_v1_ConfirmProposal__Output>
      Enrolment: SubtypeConstructor<typeof grpc.Client, _tributary_v1_EnrolmentClient> & { service: _tributary_v1_EnrolmentDefinition }
      JoinFederation: MessageTypeDefinition<_tributary_v1_JoinFederation, _tributary_v1_JoinFederation__Output>
      Proposal: MessageTypeDefinition<_tributary_v1_Proposal, _tributary_v1_Proposal__Output>
      ShowProposal: MessageTypeDefinition<_tributary_v1_ShowProposal, _tributary_v1_ShowProposal__Output>
    }
  }
}

