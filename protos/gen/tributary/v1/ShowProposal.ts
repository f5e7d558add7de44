// Original file: protos/tributary/v1/enrolment.proto


export interface ShowProposal {
  'party'?: (string);
  'time'?: (string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface ShowProposal__Output {
  'party': (string);
  'time': (string);
  'signature': (Buffer);
}
