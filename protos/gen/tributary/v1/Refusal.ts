// Original file: protos/tributary/v1/link.proto


export interface Refusal {
  'code'?: (string);
  'detail'?: ({[key: string]: string});
  'job'?: (string);
  'fatal'?: (boolean);
}

export interface Refusal__Output {
  'code': (string);
  'detail': ({[key: string]: string});
  'job': (string);
  'fatal': (boolean);
}
