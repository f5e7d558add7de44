// Original file: protos/tributary/v1/enrolment.proto


export interface Proposal {
  'waiting_for'?: (string)[];
  'bundle'?: (string);
  'adopted'?: (boolean);
  'signed'?: (string)[];
  'needed'?: (number);
  'missing'?: (string)[];
}

export interface Proposal__Output {
  'waiting_for': (string)[];
  'bundle': (string);
  'adopted': (boolean);
  'signed': (string)[];
  'needed': (number);
  'missing': (string)[];
}
