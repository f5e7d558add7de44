// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrResidues {
  'values'?: (number | string)[];
}

export interface LrResidues__Output {
  'values': (number)[];
}
