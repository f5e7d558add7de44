import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { PsiCommitment as _tributary_v1_PsiCommitment, PsiCommitment__Output as _tributary_v1_PsiCommitment__Output } from './tributary/v1/PsiCommitment.ts';
import type { PsiIntersection as _tributary_v1_PsiIntersection, PsiIntersection__Output as _tributary_v1_PsiIntersection__Output } from './tributary/v1/PsiIntersection.ts';
import type { PsiPoints as _tributary_v1_PsiPoints, PsiPoints__Output as _tributary_v1_PsiPoints__Output } from './tributary/v1/PsiPoints.ts';
import type { PsiPositions as _tributary_v1_PsiPositions, PsiPositions__Output as _tributary_v1_PsiPositions__Output } from './tributary/v1/PsiPositions.ts';
import type { PsiProfile as _tributary_v1_PsiProfile, PsiProfile__Output as _tributary_v1_PsiProfile__Output } from './tributary/v1/PsiProfile.ts';
import type { PsiReceipt as _tributary_v1_PsiReceipt, PsiReceipt__Output as _tributary_v1_PsiReceipt__Output } from './tributary/v1/PsiReceipt.ts';
import type { PsiRowOrder as _tributary_v1_PsiRowOrder, PsiRowOrder__Output as _tributary_v1_PsiRowOrder__Output } from './tributary/v1/PsiRowOrder.ts';
import type { PsiRowSet as _tributary_v1_PsiRowSet, PsiRowSet__Output as _tributary_v1_PsiRowSet__Output } from './tributary/v1/PsiRowSet.ts';
import type { PsiShape as _tributary_v1_PsiShape, PsiShape__Output as _tributary_v1_PsiShape__Output } from './tributary/v1/PsiShape.ts';
import type { PsiTerms as _tributary_v1_PsiTerms, PsiTerms__Output as _tributary_v1_PsiTerms__Output } from './tributary/v1/PsiTerms.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      PsiCommitment: MessageTypeDefinition<_tributary_v1_PsiCommitment, _tributary_v1_PsiCommitment__Output>
      PsiIntersection: MessageTypeDefinition<_tributary_v1_PsiIntersection, _tributary_v1_PsiIntersection__Output>
      PsiPoints: MessageTypeDefinition<_tributary_v1_PsiPoints, _tributary_v1_PsiPoints__Output>
      PsiPositions: MessageTypeDefinition<_tributary_v1_PsiPositions, _tributary_v1_PsiPositions__Output>
      PsiProfile: MessageTypeDefinition<_tributary_v1_PsiProfile, _tributary_v1_PsiProfile__Output>
      PsiReceipt: MessageTypeDefinition<_tributary_v1_PsiReceipt, _tributary_v1_PsiReceipt__Output>
      PsiRowOrder: MessageTypeDefinition<_tributary_v1_PsiRowOrder, _tributary_v1_PsiRowOrder__Output>
      PsiRowSet: MessageTypeDefinition<_tributary_v1_PsiRowSet, _tributary_v1_PsiRowSet__Output>
      PsiShape: MessageTypeDefinition<_tributary_v1_PsiShape, _tributary_v1_PsiShape__Output>
      PsiTerms: MessageTypeDefinition<_tributary_v1_PsiTerms, _tributary_v1_PsiTerms__Output>
    }
  }
}

