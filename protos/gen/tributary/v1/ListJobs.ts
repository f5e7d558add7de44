// Original file: protos/tributary/v1/jobs.proto


export interface ListJobs {
  'limit'?: (number);
}

export interface ListJobs__Output {
  'limit': (number);
}
