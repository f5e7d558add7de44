// Original file: protos/tributary/v1/enrolment.proto


export interface ConfirmProposal {
  'party'?: (string);
  'digest'?: (string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface ConfirmProposal__Output {
  'party': (string);
  'digest': (string);
  'signature': (Buffer);
}
