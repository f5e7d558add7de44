// Original file: protos/tributary/v1/psi.proto


export interface PsiPoints {
  'points'?: (Buffer | Uint8Array | string);
}

export interface PsiPoints__Output {
  'points': (Buffer);
}
