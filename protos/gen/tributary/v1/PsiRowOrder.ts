// Original file: protos/tributary/v1/psi.proto

import type { PsiRowSet as _tributary_v1_PsiRowSet, PsiRowSet__Output as _tributary_v1_PsiRowSet__Output } from '../../tributary/v1/PsiRowSet.ts';

export interface PsiRowOrder {
  'too_small'?: (boolean);
  'sets'?: (_tributary_v1_PsiRowSet)[];
}

export interface PsiRowOrder__Output {
  'too_small': (boolean);
  'sets': (_tributary_v1_PsiRowSet__Output)[];
}
