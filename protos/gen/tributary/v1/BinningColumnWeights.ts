// Original file: protos/tributary/v1/binning.proto


export interface BinningColumnWeights {
  'bin_of_cell'?: (number)[];
  'woe'?: (number | string)[];
}

export interface BinningColumnWeights__Output {
  'bin_of_cell': (number)[];
  'woe': (number)[];
}
