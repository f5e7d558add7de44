// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrScalar {
  'value'?: (number | string);
}

export interface LrScalar__Output {
  'value': (number);
}
