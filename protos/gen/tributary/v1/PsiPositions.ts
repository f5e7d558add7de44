// Original file: protos/tributary/v1/psi.proto


export interface PsiPositions {
  'positions'?: (Buffer | Uint8Array | string);
}

export interface PsiPositions__Output {
  'positions': (Buffer);
}
