// Original file: protos/tributary/v1/secureboost.proto


export interface BoostCiphertexts {
  'ciphertexts'?: (Buffer | Uint8Array | string)[];
}

export interface BoostCiphertexts__Output {
  'ciphertexts': (Buffer)[];
}
