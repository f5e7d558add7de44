// Original file: protos/tributary/v1/psi.proto


export interface PsiShape {
  'pattern'?: (string);
  'pct'?: (number);
}

export interface PsiShape__Output {
  'pattern': (string);
  'pct': (number);
}
