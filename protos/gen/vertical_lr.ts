import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { LrCiphertexts as _tributary_v1_LrCiphertexts, LrCiphertexts__Output as _tributary_v1_LrCiphertexts__Output } from './tributary/v1/LrCiphertexts.ts';
import type { LrInterval as _tributary_v1_LrInterval, LrInterval__Output as _tributary_v1_LrInterval__Output } from './tributary/v1/LrInterval.ts';
import type { LrKey as _tributary_v1_LrKey, LrKey__Output as _tributary_v1_LrKey__Output } from './tributary/v1/LrKey.ts';
import type { LrRange as _tributary_v1_LrRange, LrRange__Output as _tributary_v1_LrRange__Output } from './tributary/v1/LrRange.ts';
import type { LrResidues as _tributary_v1_LrResidues, LrResidues__Output as _tributary_v1_LrResidues__Output } from './tributary/v1/LrResidues.ts';
import type { LrScalar as _tributary_v1_LrScalar, LrScalar__Output as _tributary_v1_LrScalar__Output } from './tributary/v1/LrScalar.ts';
import type { LrScores as _tributary_v1_LrScores, LrScores__Output as _tributary_v1_LrScores__Output } from './tributary/v1/LrScores.ts';
import type { LrSeed as _tributary_v1_LrSeed, LrSeed__Output as _tributary_v1_LrSeed__Output } from './tributary/v1/LrSeed.ts';
import type { LrShares as _tributary_v1_LrShares, LrShares__Output as _tributary_v1_LrShares__Output } from './tributary/v1/LrShares.ts';
import type { LrTerms as _tributary_v1_LrTerms, LrTerms__Output as _tributary_v1_LrTerms__Output } from './tributary/v1/LrTerms.ts';
import type { LrVerdict as _tributary_v1_LrVerdict, LrVerdict__Output as _tributary_v1_LrVerdict__Output } from './tributary/v1/LrVerdict.ts';
import type { LrWidths as _tributary_v1_LrWidths, LrWidths__Output as _tributary_v1_LrWidths__Output } from './tributary/v1/LrWidths.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      LrCiphertexts: MessageTypeDefinition<_tributary_v1_LrCiphertexts, _tributary_v1_LrCiphertexts__Output>
      LrInterval: MessageTypeDefinition<_tributary_v1_LrInterval, _tributary_v1_LrInterval__Output>
      LrKey: MessageTypeDefinition<_tributary_v1_LrKey, _tributary_v1_LrKey__Output>
      LrRange: MessageTypeDefinition<_tributary_v1_LrRange, _tributary_v1_LrRange__Output>
      LrResidues: MessageTypeDefinition<_tributary_v1_LrResidues, _tributary_v1_LrResidues__Output>
      LrScalar: MessageTypeDefinition<_tributary_v1_LrScalar, _tributary_v1_LrScalar__Output>
      LrScores: MessageTypeDefinition<_tributary_v1_LrScores, _tributary_v1_LrScores__Output>
      LrSeed: MessageTypeDefinition<_tributary_v1_LrSeed, _tributary_v1_LrSeed__Output>
      LrShares: MessageTypeDefinition<_tributary_v1_LrShares, _tributary_v1_LrShares__Output>
      LrTerms: MessageTypeDefinition<_tributary_v1_LrTerms, _tributary_v1_LrTerms__Output>
      LrVerdict: MessageTypeDefinition<_tributary_v1_LrVerdict, _tributary_v1_LrVerdict__Output>
      LrWidths: MessageTypeDefinition<_tributary_v1_LrWidths, _tributary_v1_LrWidths__Output>
    }
  }
}

