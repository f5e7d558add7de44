// Original file: protos/tributary/v1/jobs.proto


export interface RevocationView {
  'list'?: (string);
  'pending'?: (string);
  'signed'?: (string)[];
  'needed'?: (number);
}

export interface RevocationView__Output {
  'list': (string);
  'pending': (string);
  'signed': (string)[];
  'needed': (number);
}
