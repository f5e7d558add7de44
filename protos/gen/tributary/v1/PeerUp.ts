// Original file: protos/tributary/v1/link.proto


export interface PeerUp {
  'job'?: (string);
  'party'?: (string);
}

export interface PeerUp__Output {
  'job': (string);
  'party': (string);
}
