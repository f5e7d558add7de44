// Original file: protos/tributary/v1/secureboost.proto


export interface BoostTreeRows {
  'rows'?: (Buffer | Uint8Array | string);
}

export interface BoostTreeRows__Output {
  'rows': (Buffer);
}
