// Original file: protos/tributary/v1/jobs.proto


export interface RevocationRequest {
  'list'?: (string);
}

export interface RevocationRequest__Output {
  'list': (string);
}
