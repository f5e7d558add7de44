// Original file: protos/tributary/v1/jobs.proto


export interface RevocationQuery {
  'party'?: (string);
}

export interface RevocationQuery__Output {
  'party': (string);
}
