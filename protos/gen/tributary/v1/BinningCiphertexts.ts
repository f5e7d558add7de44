// Original file: protos/tributary/v1/binning.proto


export interface BinningCiphertexts {
  'ciphertexts'?: (Buffer | Uint8Array | string)[];
}

export interface BinningCiphertexts__Output {
  'ciphertexts': (Buffer)[];
}
