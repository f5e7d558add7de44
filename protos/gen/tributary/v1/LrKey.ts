// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrKey {
  'key'?: (Buffer | Uint8Array | string);
}

export interface LrKey__Output {
  'key': (Buffer);
}
