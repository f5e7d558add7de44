// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrCiphertexts {
  'ciphertexts'?: (Buffer | Uint8Array | string)[];
}

export interface LrCiphertexts__Output {
  'ciphertexts': (Buffer)[];
}
