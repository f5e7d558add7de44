// Original file: protos/tributary/v1/psi.proto


export interface PsiRowSet {
  'name'?: (string);
  'rows'?: (number);
}

export interface PsiRowSet__Output {
  'name': (string);
  'rows': (number);
}
