// Original file: protos/tributary/v1/jobs.proto


export interface SubmitJob {
  'job_spec'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface SubmitJob__Output {
  'job_spec': (Buffer);
  'signature': (Buffer);
}
