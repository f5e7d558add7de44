// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrVerdict {
  'finished'?: (boolean);
}

export interface LrVerdict__Output {
  'finished': (boolean);
}
