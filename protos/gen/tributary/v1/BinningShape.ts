// Original file: protos/tributary/v1/binning.proto


export interface BinningShape {
  'direction'?: (string);
  'turning_points'?: (number);
}

export interface BinningShape__Output {
  'direction': (string);
  'turning_points': (number);
}
