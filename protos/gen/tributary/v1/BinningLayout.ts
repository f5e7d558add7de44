// Original file: protos/tributary/v1/binning.proto


export interface BinningLayout {
  'windows'?: (number);
}

export interface BinningLayout__Output {
  'windows': (number);
}
