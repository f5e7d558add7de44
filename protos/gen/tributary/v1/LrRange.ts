// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrRange {
  'low'?: (number | string);
  'high'?: (number | string);
  'mean'?: (number | string);
  'deviation'?: (number | string);
}

export interface LrRange__Output {
  'low': (number);
  'high': (number);
  'mean': (number);
  'deviation': (number);
}
