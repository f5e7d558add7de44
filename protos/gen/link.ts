import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Ack as _tributary_v1_Ack, Ack__Output as _tributary_v1_Ack__Output } from './tributary/v1/Ack.ts';
import type { AgentFrame as _tributary_v1_AgentFrame, AgentFrame__Output as _tributary_v1_AgentFrame__Output } from './tributary/v1/AgentFrame.ts';
import type { AgentLinkClient as _tributary_v1_AgentLinkClient, AgentLinkDefinition as _tributary_v1_AgentLinkDefinition } from './tributary/v1/AgentLink.ts';
import type { Beat as _tributary_v1_Beat, Beat__Output as _tributary_v1_Beat__Output } from './tributary/v1/Beat.ts';
import type { Catalog as _tributary_v1_Catalog, Catalog__Output as _tributary_v1_Catalog__Output } from './tributary/v1/Catalog.ts';
import type { Chunk as _tributary_v1_Chunk, Chunk__Output as _tributary_v1_Chunk__Output } from './tributary/v1/Chunk.ts';
import type { CoordinatorFrame as _tributary_v1_CoordinatorFrame, CoordinatorFrame__Output as _tributary_v1_CoordinatorFrame__Output } from './tributary/v1/CoordinatorFrame.ts';
import type { Copy as _tributary_v1_Copy, Copy__Output as _tributary_v1_Copy__Output } from './tributary/v1/Copy.ts';
import type { Cosignature as _tributary_v1_Cosignature, Cosignature__Output as _tributary_v1_Cosignature__Output } from './tributary/v1/Cosignature.ts';
import type { DescribeFederation as _tributary_v1_DescribeFederation, DescribeFederation__Output as _tributary_v1_DescribeFederation__Output } from './tributary/v1/DescribeFederation.ts';
import type { Failure as _tributary_v1_Failure, Failure__Output as _tributary_v1_Failure__Output } from './tributary/v1/Failure.ts';
import type { FederationClient as _tributary_v1_FederationClient, FederationDefinition as _tributary_v1_FederationDefinition } from './tributary/v1/Federation.ts';
import type { FederationView as _tributary_v1_FederationView, FederationView__Output as _tributary_v1_FederationView__Output } from './tributary/v1/FederationView.ts';
import type { Hello as _tributary_v1_Hello, Hello__Output as _tributary_v1_Hello__Output } from './tributary/v1/Hello.ts';
import type { Invite as _tributary_v1_Invite, Invite__Output as _tributary_v1_Invite__Output } from './tributary/v1/Invite.ts';
import type { InviteAnswer as _tributary_v1_InviteAnswer, InviteAnswer__Output as _tributary_v1_InviteAnswer__Output } from './tributary/v1/InviteAnswer.ts';
import type { JobEnded as _tributary_v1_JobEnded, JobEnded__Output as _tributary_v1_JobEnded__Output } from './tributary/v1/JobEnded.ts';
import type { JobList as _tributary_v1_JobList, JobList__Output as _tributary_v1_JobList__Output } from './tributary/v1/JobList.ts';
import type { JobRef as _tributary_v1_JobRef, JobRef__Output as _tributary_v1_JobRef__Output } from './tributary/v1/JobRef.ts';
import type { JobStarted as _tributary_v1_JobStarted, JobStarted__Output as _tributary_v1_JobStarted__Output } from './tributary/v1/JobStarted.ts';
import type { JobView as _tributary_v1_JobView, JobView__Output as _tributary_v1_JobView__Output } from './tributary/v1/JobView.ts';
import type { JobsClient as _tributary_v1_JobsClient, JobsDefinition as _tributary_v1_JobsDefinition } from './tributary/v1/Jobs.ts';
import type { LeftOut as _tributary_v1_LeftOut, LeftOut__Output as _tributary_v1_LeftOut__Output } from './tributary/v1/LeftOut.ts';
import type { ListJobs as _tributary_v1_ListJobs, ListJobs__Output as _tributary_v1_ListJobs__Output } from './tributary/v1/ListJobs.ts';
import type { LogAck as _tributary_v1_LogAck, LogAck__Output as _tributary_v1_LogAck__Output } from './tributary/v1/LogAck.ts';
import type { LogAppend as _tributary_v1_LogAppend, LogAppend__Output as _tributary_v1_LogAppend__Output } from './tributary/v1/LogAppend.ts';
import type { LogEntries as _tributary_v1_LogEntries, LogEntries__Output as _tributary_v1_LogEntries__Output } from './tributary/v1/LogEntries.ts';
import type { LogSync as _tributary_v1_LogSync, LogSync__Output as _tributary_v1_LogSync__Output } from './tributary/v1/LogSync.ts';
import type { OfferedDataset as _tributary_v1_OfferedDataset, OfferedDataset__Output as _tributary_v1_OfferedDataset__Output } from './tributary/v1/OfferedDataset.ts';
import type { PartyKey as _tributary_v1_PartyKey, PartyKey__Output as _tributary_v1_PartyKey__Output } from './tributary/v1/PartyKey.ts';
import type { PartyProgress as _tributary_v1_PartyProgress, PartyProgress__Output as _tributary_v1_PartyProgress__Output } from './tributary/v1/PartyProgress.ts';
import type { PartyView as _tributary_v1_PartyView, PartyView__Output as _tributary_v1_PartyView__Output } from './tributary/v1/PartyView.ts';
import type { PeerUp as _tributary_v1_PeerUp, PeerUp__Output as _tributary_v1_PeerUp__Output } from './tributary/v1/PeerUp.ts';
import type { Progress as _tributary_v1_Progress, Progress__Output as _tributary_v1_Progress__Output } from './tributary/v1/Progress.ts';
import type { Refusal as _tributary_v1_Refusal, Refusal__Output as _tributary_v1_Refusal__Output } from './tributary/v1/Refusal.ts';
import type { RevocationQuery as _tributary_v1_RevocationQuery, RevocationQuery__Output as _tributary_v1_RevocationQuery__Output } from './tributary/v1/RevocationQuery.ts';
import type { RevocationRequest as _tributary_v1_RevocationRequest, RevocationRequest__Output as _tributary_v1_RevocationRequest__Output } from './tributary/v1/RevocationRequest.ts';
import type { RevocationView as _tributary_v1_RevocationView, RevocationView__Output as _tributary_v1_RevocationView__Output } from './tributary/v1/RevocationView.ts';
import type { RoundClosed as _tributary_v1_RoundClosed, RoundClosed__Output as _tributary_v1_RoundClosed__Output } from './tributary/v1/RoundClosed.ts';
import type { RoundOpened as _tributary_v1_RoundOpened, RoundOpened__Output as _tributary_v1_RoundOpened__Output } from './tributary/v1/RoundOpened.ts';
import type { SubmitJob as _tributary_v1_SubmitJob, SubmitJob__Output as _tributary_v1_SubmitJob__Output } from './tributary/v1/SubmitJob.ts';
import type { TaskFailed as _tributary_v1_TaskFailed, TaskFailed__Output as _tributary_v1_TaskFailed__Output } from './tributary/v1/TaskFailed.ts';
import type { TaskView as _tributary_v1_TaskView, TaskView__Output as _tributary_v1_TaskView__Output } from './tributary/v1/TaskView.ts';
import type { TrustUpdate as _tributary_v1_TrustUpdate, TrustUpdate__Output as _tributary_v1_TrustUpdate__Output } from './tributary/v1/TrustUpdate.ts';
import type { Welcome as _tributary_v1_Welcome, Welcome__Output as _tributary_v1_Welcome__Output } from './tributary/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      Ack: MessageTypeDefinition<_tributary_v1_Ack, _tributary_v1_Ack__Output>
      AgentFrame: MessageTypeDefinition<_tributary_v1_AgentFrame, _tributary_v1_AgentFrame__Output>
      AgentLink: SubtypeConstructor<typeof grpc.Client, _tributary_v1_AgentLinkClient> & { service: _tributary_v1_AgentLinkDefinition }
      Beat: MessageTypeDefinition<_tributary_v1_Beat, _tributary_v1_Beat__Output>
      Catalog: MessageTypeDefinition<_tributary_v1_Catalog, _tributary_v1_Catalog__Output>
      Chunk: MessageTypeDefinition<_tributary_v1_Chunk, _tributary_v1_Chunk__Output>
      CoordinatorFrame: MessageTypeDefinition<_tributary_v1_CoordinatorFrame, _tributary_v1_CoordinatorFrame__Output>
      Copy: MessageTypeDefinition<_tributary_v1_Copy, _tributary_v1_Copy__Output>
      Cosignature: MessageTypeDefinition<_tributary_v1_Cosignature, _tributary_v1_Cosignature__Output>
      DescribeFederation: MessageTypeDefinition<_tributary_v1_DescribeFederation, _tributary_v1_DescribeFederation__Output>
      Failure: MessageTypeDefinition<_tributary_v1_Failure, _tributary_v1_Failure__Output>
      Federation: SubtypeConstructor<typeof grpc.Client, _tributary_v1_FederationClient> & { service: _tributary_v1_FederationDefinition }
      FederationView: MessageTypeDefinition<_tributary_v1_FederationView, _tributary_v1_FederationView__Output>
      Hello: MessageTypeDefinition<_tributary_v1_Hello, _tributary_v1_Hello__Output>
      Invite: MessageTypeDefinition<_tributary_v1_Invite, _tributary_v1_Invite__Output>
      InviteAnswer: MessageTypeDefinition<_tributary_v1_InviteAnswer, _tributary_v1_InviteAnswer__Output>
      JobEnded: MessageTypeDefinition<_tributary_v1_JobEnded, _tributary_v1_JobEnded__Output>
      JobList: MessageTypeDefinition<_tributary_v1_JobList, _tributary_v1_JobList__Output>
      JobRef: MessageTypeDefinition<_tributary_v1_JobRef, _tributary_v1_JobRef__Output>
      JobStarted: MessageTypeDefinition<_tributary_v1_JobStarted, _tributary_v1_JobStarted__Output>
      JobView: MessageTypeDefinition<_tributary_v1_JobView, _tributary_v1_JobView__Output>
      Jobs: SubtypeConstructor<typeof grpc.Client, _tributary_v1_JobsClient> & { service: _tributary_v1_JobsDefinition }
      LeftOut: MessageTypeDefinition<_tributary_v1_LeftOut, _tributary_v1_LeftOut__Output>
      ListJobs: MessageTypeDefinition<_tributary_v1_ListJobs, _tributary_v1_ListJobs__Output>
      LogAck: MessageTypeDefinition<_tributary_v1_LogAck, _tributary_v1_LogAck__Output>
      LogAppend: MessageTypeDefinition<_tributary_v1_LogAppend, _tributary_v1_LogAppend__Output>
      LogEntries: MessageTypeDefinition<_tributary_v1_LogEntries, _tributary_v1_LogEntries__Output>
      LogSync: MessageTypeDefinition<_tributary_v1_LogSync, _tributary_v1_LogSync__Output>
      OfferedDataset: MessageTypeDefinition<_tributary_v1_OfferedDataset, _tributary_v1_OfferedDataset__Output>
      PartyKey: MessageTypeDefinition<_tributary_v1_PartyKey, _tributary_v1_PartyKey__Output>
      PartyProgress: MessageTypeDefinition<_tributary_v1_PartyProgress, _tributary_v1_PartyProgress__Output>
      PartyView: MessageTypeDefinition<_tributary_v1_PartyView, _tributary_v1_PartyView__Output>
      PeerUp: MessageTypeDefinition<_tributary_v1_PeerUp, _tributary_v1_PeerUp__Output>
      Progress: MessageTypeDefinition<_tributary_v1_Progress, _tributary_v1_Progress__Output>
      Refusal: MessageTypeDefinition<_tributary_v1_Refusal, _tributary_v1_Refusal__Output>
      RevocationQuery: MessageTypeDefinition<_tributary_v1_RevocationQuery, _tributary_v1_RevocationQuery__Output>
      RevocationRequest: MessageTypeDefinition<_tributary_v1_RevocationRequest, _tributary_v1_RevocationRequest__Output>
      RevocationView: MessageTypeDefinition<_tributary_v1_RevocationView, _tributary_v1_RevocationView__Output>
      RoundClosed: MessageTypeDefinition<_tributary_v1_RoundClosed, _tributary_v1_RoundClosed__Output>
      RoundOpened: MessageTypeDefinition<_tributary_v1_RoundOpened, _tributary_v1_RoundOpened__Output>
      SubmitJob: MessageTypeDefinition<_tributary_v1_SubmitJob, _tributary_v1_SubmitJob__Output>
      TaskFailed: MessageTypeDefinition<_tributary_v1_TaskFailed, _tributary_v1_TaskFailed__Output>
      TaskView: MessageTypeDefinition<_tributary_v1_TaskView, _tributary_v1_TaskView__Output>
      TrustUpdate: MessageTypeDefinition<_tributary_v1_TrustUpdate, _tributary_v1_TrustUpdate__Output>
      Welcome: MessageTypeDefinition<_tributary_v1_Welcome, _tributary_v1_Welcome__Output>
    }
  }
}

