// Original file: protos/tributary/v1/psi.proto

import type { PsiProfile as _tributary_v1_PsiProfile, PsiProfile__Output as _tributary_v1_PsiProfile__Output } from '../../tributary/v1/PsiProfile.ts';

export interface PsiTerms {
  'protocol_version'?: (number);
  'normalisation_version'?: (number);
  'id_kind'?: (string);
  'min_intersection'?: (number);
  'bucket'?: (number);
  'group'?: (string);
  'profile'?: (_tributary_v1_PsiProfile | null);
  'mode'?: (string);
  'coverage'?: (string);
  'decoys_permille'?: (number);
}

export interface PsiTerms__Output {
  'protocol_version': (number);
  'normalisation_version': (number);
  'id_kind': (string);
  'min_intersection': (number);
  'bucket': (number);
  'group': (string);
  'profile': (_tributary_v1_PsiProfile__Output | null);
  'mode': (string);
  'coverage': (string);
  'decoys_permille': (number);
}
