// Original file: protos/tributary/v1/secureboost.proto


export interface BoostSides {
  'refused'?: (boolean);
  'alias'?: (string);
  'sides'?: (Buffer | Uint8Array | string);
}

export interface BoostSides__Output {
  'refused': (boolean);
  'alias': (string);
  'sides': (Buffer);
}
