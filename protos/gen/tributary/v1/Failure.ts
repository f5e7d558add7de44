// Original file: protos/tributary/v1/link.proto


export interface Failure {
  'code'?: (string);
  'party'?: (string);
  'detail'?: ({[key: string]: string});
}

export interface Failure__Output {
  'code': (string);
  'party': (string);
  'detail': ({[key: string]: string});
}
