// Original file: protos/tributary/v1/link.proto


export interface LeftOut {
  'party'?: (string);
  'reason'?: (string);
}

export interface LeftOut__Output {
  'party': (string);
  'reason': (string);
}
