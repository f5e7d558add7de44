// Original file: protos/tributary/v1/psi.proto

import type { PsiShape as _tributary_v1_PsiShape, PsiShape__Output as _tributary_v1_PsiShape__Output } from '../../tributary/v1/PsiShape.ts';

export interface PsiProfile {
  'valid_pct'?: (number);
  'shapes'?: (_tributary_v1_PsiShape)[];
}

export interface PsiProfile__Output {
  'valid_pct': (number);
  'shapes': (_tributary_v1_PsiShape__Output)[];
}
