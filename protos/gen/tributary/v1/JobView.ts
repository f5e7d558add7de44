// Original file: protos/tributary/v1/jobs.proto

import type { TaskView as _tributary_v1_TaskView, TaskView__Output as _tributary_v1_TaskView__Output } from '../../tributary/v1/TaskView.ts';
import type { PartyProgress as _tributary_v1_PartyProgress, PartyProgress__Output as _tributary_v1_PartyProgress__Output } from '../../tributary/v1/PartyProgress.ts';

export interface JobView {
  'job'?: (string);
  'name'?: (string);
  'guest'?: (string);
  'hosts'?: (string)[];
  'state'?: (string);
  'submitted_at'?: (string);
  'started_at'?: (string);
  'ended_at'?: (string);
  'tasks'?: (_tributary_v1_TaskView)[];
  'failure_code'?: (string);
  'failure_party'?: (string);
  'failure_detail'?: ({[key: string]: string});
  'parties'?: (_tributary_v1_PartyProgress)[];
}

export interface JobView__Output {
  'job': (string);
  'name': (string);
  'guest': (string);
  'hosts': (string)[];
  'state': (string);
  'submitted_at': (string);
  'started_at': (string);
  'ended_at': (string);
  'tasks': (_tributary_v1_TaskView__Output)[];
  'failure_code': (string);
  'failure_party': (string);
  'failure_detail': ({[key: string]: string});
  'parties': (_tributary_v1_PartyProgress__Output)[];
}
