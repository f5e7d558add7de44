// Original file: protos/tributary/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { JobList as _tributary_v1_JobList, JobList__Output as _tributary_v1_JobList__Output } from '../../tributary/v1/JobList.ts';
import type { JobRef as _tributary_v1_JobRef, JobRef__Output as _tributary_v1_JobRef__Output } from '../../tributary/v1/JobRef.ts';
import type { JobView as _tributary_v1_JobView, JobView__Output as _tributary_v1_JobView__Output } from '../../tributary/v1/JobView.ts';
import type { ListJobs as _tributary_v1_ListJobs, ListJobs__Output as _tributary_v1_ListJobs__Output } from '../../tributary/v1/ListJobs.ts';
import type { SubmitJob as _tributary_v1_SubmitJob, SubmitJob__Output as _tributary_v1_SubmitJob__Output } from '../../tributary/v1/SubmitJob.ts';

export interface JobsClient extends grpc.Client {
  Cancel(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _tributary_v1_JobRef, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _tributary_v1_JobRef, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  cancel(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  cancel(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  cancel(argument: _tributary_v1_JobRef, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  cancel(argument: _tributary_v1_JobRef, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  
  Get(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Get(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Get(argument: _tributary_v1_JobRef, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Get(argument: _tributary_v1_JobRef, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  get(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  get(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  get(argument: _tributary_v1_JobRef, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  get(argument: _tributary_v1_JobRef, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  
  List(argument: _tributary_v1_ListJobs, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  List(argument: _tributary_v1_ListJobs, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  List(argument: _tributary_v1_ListJobs, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  List(argument: _tributary_v1_ListJobs, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  list(argument: _tributary_v1_ListJobs, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  list(argument: _tributary_v1_ListJobs, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  list(argument: _tributary_v1_ListJobs, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  list(argument: _tributary_v1_ListJobs, callback: grpc.requestCallback<_tributary_v1_JobList__Output>): grpc.ClientUnaryCall;
  
  Submit(argument: _tributary_v1_SubmitJob, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Submit(argument: _tributary_v1_SubmitJob, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Submit(argument: _tributary_v1_SubmitJob, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  Submit(argument: _tributary_v1_SubmitJob, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  submit(argument: _tributary_v1_SubmitJob, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  submit(argument: _tributary_v1_SubmitJob, metadata: grpc.Metadata, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  submit(argument: _tributary_v1_SubmitJob, options: grpc.CallOptions, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  submit(argument: _tributary_v1_SubmitJob, callback: grpc.requestCallback<_tributary_v1_JobView__Output>): grpc.ClientUnaryCall;
  
  Watch(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tributary_v1_JobView__Output>;
  Watch(argument: _tributary_v1_JobRef, options?: grpc.CallOptions): grpc.ClientReadableStream<_tributary_v1_JobView__Output>;
  watch(argument: _tributary_v1_JobRef, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tributary_v1_JobView__Output>;
  watch(argument: _tributary_v1_JobRef, options?: grpc.CallOptions): grpc.ClientReadableStream<_tributary_v1_JobView__Output>;
  
}

export interface JobsHandlers extends grpc.UntypedServiceImplementation {
  Cancel: grpc.handleUnaryCall<_tributary_v1_JobRef__Output, _tributary_v1_JobView>;
  
  Get: grpc.handleUnaryCall<_tributary_v1_JobRef__Output, _tributary_v1_JobView>;
  
  List: grpc.handleUnaryCall<_tributary_v1_ListJobs__Output, _tributary_v1_JobList>;
  
  Submit: grpc.handleUnaryCall<_tributary_v1_SubmitJob__Output, _tributary_v1_JobView>;
  
  Watch: grpc.handleServerStreamingCall<_tributary_v1_JobRef__Output, _tributary_v1_JobView>;
  
}

export interface JobsDefinition extends grpc.ServiceDefinition {
  Cancel: MethodDefinition<_tributary_v1_JobRef, _tributary_v1_JobView, _tributary_v1_JobRef__Output, _tributary_v1_JobView__Output>
  Get: MethodDefinition<_tributary_v1_JobRef, _tributary_v1_JobView, _tributary_v1_JobRef__Output, _tributary_v1_JobView__Output>
  List: MethodDefinition<_tributary_v1_ListJobs, _tributary_v1_JobList, _tributary_v1_ListJobs__Output, _tributary_v1_JobList__Output>
  Submit: MethodDefinition<_tributary_v1_SubmitJob, _tributary_v1_JobView, _tributary_v1_SubmitJob__Output, _tributary_v1_JobView__Output>
  Watch: MethodDefinition<_tributary_v1_JobRef, _tributary_v1_JobView, _tributary_v1_JobRef__Output, _tributary_v1_JobView__Output>
}
