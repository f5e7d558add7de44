// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrInterval {
  'period'?: (number | string);
}

export interface LrInterval__Output {
  'period': (number);
}
