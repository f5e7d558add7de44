// Original file: protos/tributary/v1/enrolment.proto


export interface JoinFederation {
  'invitation'?: (string);
  'token'?: (string);
  'card'?: (string);
  'proof'?: (Buffer | Uint8Array | string);
}

export interface JoinFederation__Output {
  'invitation': (string);
  'token': (string);
  'card': (string);
  'proof': (Buffer);
}
