// Original file: protos/tributary/v1/secureboost.proto


export interface BoostColumn {
  'values'?: (number);
  'missing'?: (boolean);
  'constrained'?: (boolean);
}

export interface BoostColumn__Output {
  'values': (number);
  'missing': (boolean);
  'constrained': (boolean);
}
