// Original file: protos/tributary/v1/jobs.proto


export interface JobRef {
  'job'?: (string);
}

export interface JobRef__Output {
  'job': (string);
}
