// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrTerms {
  'terms'?: ({[key: string]: string});
}

export interface LrTerms__Output {
  'terms': ({[key: string]: string});
}
