// Original file: protos/tributary/v1/psi.proto


export interface PsiCommitment {
  'sha256'?: (Buffer | Uint8Array | string);
  'count'?: (number);
}

export interface PsiCommitment__Output {
  'sha256': (Buffer);
  'count': (number);
}
