// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrWidth {
  'columns'?: (number);
}

export interface LrWidth__Output {
  'columns': (number);
}
