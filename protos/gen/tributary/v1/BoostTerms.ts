// Original file: protos/tributary/v1/secureboost.proto


export interface BoostTerms {
  'terms'?: ({[key: string]: string});
}

export interface BoostTerms__Output {
  'terms': ({[key: string]: string});
}
