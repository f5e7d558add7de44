// Original file: protos/tributary/v1/binning.proto


export interface BinningKey {
  'key'?: (Buffer | Uint8Array | string);
}

export interface BinningKey__Output {
  'key': (Buffer);
}
