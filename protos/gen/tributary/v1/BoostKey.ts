// Original file: protos/tributary/v1/secureboost.proto


export interface BoostKey {
  'key'?: (Buffer | Uint8Array | string);
}

export interface BoostKey__Output {
  'key': (Buffer);
}
