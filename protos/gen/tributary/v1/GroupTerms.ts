// Original file: protos/tributary/v1/group.proto


export interface GroupTerms {
  'terms'?: ({[key: string]: string});
}

export interface GroupTerms__Output {
  'terms': ({[key: string]: string});
}
