// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrShares {
  'shares'?: (Buffer | Uint8Array | string);
}

export interface LrShares__Output {
  'shares': (Buffer);
}
