// Original file: protos/tributary/v1/profile.proto


export interface ProfileTerms {
  'terms'?: ({[key: string]: string});
}

export interface ProfileTerms__Output {
  'terms': ({[key: string]: string});
}
