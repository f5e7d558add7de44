import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { DescribeFederation as _tributary_v1_DescribeFederation, DescribeFederation__Output as _tributary_v1_DescribeFederation__Output } from './tributary/v1/DescribeFederation.ts';
import type { FederationClient as _tributary_v1_FederationClient, FederationDefinition as _tributary_v1_FederationDefinition } from './tributary/v1/Federation.ts';
import type { FederationView as _tributary_v1_FederationView, FederationView__Output as _tributary_v1_FederationView__Output } from './tributary/v1/FederationView.ts';
import type { JobList as _tributary_v1_JobList, JobList__Output as _tributary_v1_JobList__Output } from './tributary/v1/JobList.ts';
import type { JobRef as _tributary_v1_JobRef, JobRef__Output as _tributary_v1_JobRef__Output } from './tributary/v1/JobRef.ts';
import type { JobView as _tributary_v1_JobView, JobView__Output as _tributary_v1_JobView__Output } from './tributary/v1/JobView.ts';
import type { JobsClient as _tributary_v1_JobsClient, JobsDefinition as _tributary_v1_JobsDefinition } from './tributary/v1/Jobs.ts';
import type { ListJobs as _tributary_v1_ListJobs, ListJobs__Output as _tributary_v1_ListJobs__Output } from './tributary/v1/ListJobs.ts';
import type { OfferedDataset as _tributary_v1_OfferedDataset, OfferedDataset__Output as _tributary_v1_OfferedDataset__Output } from './tributary/v1/OfferedDataset.ts';
import type { PartyProgress as _tributary_v1_PartyProgress, PartyProgress__Output as _tributary_v1_PartyProgress__Output } from './tributary/v1/PartyProgress.ts';
import type { PartyView as _tributary_v1_PartyView, PartyView__Output as _tributary_v1_PartyView__Output } from './tributary/v1/PartyView.ts';
import type { RevocationQuery as _tributary_v1_RevocationQuery, RevocationQuery__Output as _tributary_v1_RevocationQuery__Output } from './tributary/v1/RevocationQuery.ts';
import type { RevocationRequest as _tributary_v1_RevocationRequest, RevocationRequest__Output as _tributary_v1_RevocationRequest__Output } from './tributary/v1/RevocationRequest.ts';
import type { RevocationView as _tributary_v1_RevocationView, RevocationView__Output as _tributary_v1_RevocationView__Output } from './tributary/v1/RevocationView.ts';
import type { SubmitJob as _tributary_v1_SubmitJob, SubmitJob__Output as _tributary_v1_SubmitJob__Output } from './tributary/v1/SubmitJob.ts';
import type { TaskView as _tributary_v1_TaskView, TaskView__Output as _tributary_v1_TaskView__Output } from './tributary/v1/TaskView.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      DescribeFederation: MessageTypeDefinition<_tributary_v1_DescribeFederation, _tributary_v1_DescribeFederation__Output>
      Federation: SubtypeConstructor<typeof grpc.Client, _tributary_v1_FederationClient> & { service: _tributary_v1_FederationDefinition }
      FederationView: MessageTypeDefinition<_tributary_v1_FederationView, _tributary_v1_FederationView__Output>
      JobList: MessageTypeDefinition<_tributary_v1_JobList, _tributary_v1_JobList__Output>
      JobRef: MessageTypeDefinition<_tributary_v1_JobRef, _tributary_v1_JobRef__Output>
      JobView: MessageTypeDefinition<_tributary_v1_JobView, _tributary_v1_JobView__Output>
      Jobs: SubtypeConstructor<typeof grpc.Client, _tributary_v1_JobsClient> & { service: _tributary_v1_JobsDefinition }
      ListJobs: MessageTypeDefinition<_tributary_v1_ListJobs, _tributary_v1_ListJobs__Output>
      OfferedDataset: MessageTypeDefinition<_tributary_v1_OfferedDataset, _tributary_v1_OfferedDataset__Output>
      PartyProgress: MessageTypeDefinition<_tributary_v1_PartyProgress, _tributary_v1_PartyProgress__Output>
      PartyView: MessageTypeDefinition<_tributary_v1_PartyView, _tributary_v1_PartyView__Output>
      RevocationQuery: MessageTypeDefinition<_tributary_v1_RevocationQuery, _tributary_v1_RevocationQuery__Output>
      RevocationRequest: MessageTypeDefinition<_tributary_v1_RevocationRequest, _tributary_v1_RevocationRequest__Output>
      RevocationView: MessageTypeDefinition<_tributary_v1_RevocationView, _tributary_v1_RevocationView__Output>
      SubmitJob: MessageTypeDefinition<_tributary_v1_SubmitJob, _tributary_v1_SubmitJob__Output>
      TaskView: MessageTypeDefinition<_tributary_v1_TaskView, _tributary_v1_TaskView__Output>
    }
  }
}

