// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrSeed {
  'seed'?: (Buffer | Uint8Array | string);
}

export interface LrSeed__Output {
  'seed': (Buffer);
}
