// Original file: protos/tributary/v1/jobs.proto

import type { JobView as _tributary_v1_JobView, JobView__Output as _tributary_v1_JobView__Output } from '../../tributary/v1/JobView.ts';

export interface JobList {
  'jobs'?: (_tributary_v1_JobView)[];
}

export interface JobList__Output {
  'jobs': (_tributary_v1_JobView__Output)[];
}
