// Original file: protos/tributary/v1/binning.proto


export interface BinningTerms {
  'terms'?: ({[key: string]: string});
}

export interface BinningTerms__Output {
  'terms': ({[key: string]: string});
}
