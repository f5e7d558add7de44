// Original file: protos/tributary/v1/psi.proto


export interface PsiReceipt {
  'count'?: (number);
  'sha256'?: (Buffer | Uint8Array | string);
}

export interface PsiReceipt__Output {
  'count': (number);
  'sha256': (Buffer);
}
