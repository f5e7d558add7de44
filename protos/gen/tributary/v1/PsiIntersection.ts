// Original file: protos/tributary/v1/psi.proto


export interface PsiIntersection {
  'too_small'?: (boolean);
  'count'?: (number);
  'row_key'?: (Buffer | Uint8Array | string);
}

export interface PsiIntersection__Output {
  'too_small': (boolean);
  'count': (number);
  'row_key': (Buffer);
}
