// Original file: protos/tributary/v1/secureboost.proto


export interface BoostChoice {
  'node'?: (number);
  'column'?: (number);
  'cell'?: (number);
  'missing_left'?: (boolean);
}

export interface BoostChoice__Output {
  'node': (number);
  'column': (number);
  'cell': (number);
  'missing_left': (boolean);
}
