// Original file: protos/tributary/v1/secureboost.proto


export interface BoostNode {
  'rows'?: (Buffer | Uint8Array | string);
  'asked'?: (boolean);
}

export interface BoostNode__Output {
  'rows': (Buffer);
  'asked': (boolean);
}
