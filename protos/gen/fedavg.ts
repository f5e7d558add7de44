import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { FedCells as _tributary_v1_FedCells, FedCells__Output as _tributary_v1_FedCells__Output } from './tributary/v1/FedCells.ts';
import type { FedColumn as _tributary_v1_FedColumn, FedColumn__Output as _tributary_v1_FedColumn__Output } from './tributary/v1/FedColumn.ts';
import type { FedKey as _tributary_v1_FedKey, FedKey__Output as _tributary_v1_FedKey__Output } from './tributary/v1/FedKey.ts';
import type { FedMean as _tributary_v1_FedMean, FedMean__Output as _tributary_v1_FedMean__Output } from './tributary/v1/FedMean.ts';
import type { FedQuality as _tributary_v1_FedQuality, FedQuality__Output as _tributary_v1_FedQuality__Output } from './tributary/v1/FedQuality.ts';
import type { FedRows as _tributary_v1_FedRows, FedRows__Output as _tributary_v1_FedRows__Output } from './tributary/v1/FedRows.ts';
import type { FedSpread as _tributary_v1_FedSpread, FedSpread__Output as _tributary_v1_FedSpread__Output } from './tributary/v1/FedSpread.ts';
import type { FedSum as _tributary_v1_FedSum, FedSum__Output as _tributary_v1_FedSum__Output } from './tributary/v1/FedSum.ts';
import type { FedSummary as _tributary_v1_FedSummary, FedSummary__Output as _tributary_v1_FedSummary__Output } from './tributary/v1/FedSummary.ts';
import type { FedTerms as _tributary_v1_FedTerms, FedTerms__Output as _tributary_v1_FedTerms__Output } from './tributary/v1/FedTerms.ts';
import type { FedUpdate as _tributary_v1_FedUpdate, FedUpdate__Output as _tributary_v1_FedUpdate__Output } from './tributary/v1/FedUpdate.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      FedCells: MessageTypeDefinition<_tributary_v1_FedCells, _tributary_v1_FedCells__Output>
      FedColumn: MessageTypeDefinition<_tributary_v1_FedColumn, _tributary_v1_FedColumn__Output>
      FedKey: MessageTypeDefinition<_tributary_v1_FedKey, _tributary_v1_FedKey__Output>
      FedMean: MessageTypeDefinition<_tributary_v1_FedMean, _tributary_v1_FedMean__Output>
      FedQuality: MessageTypeDefinition<_tributary_v1_FedQuality, _tributary_v1_FedQuality__Output>
      FedRows: MessageTypeDefinition<_tributary_v1_FedRows, _tributary_v1_FedRows__Output>
      FedSpread: MessageTypeDefinition<_tributary_v1_FedSpread, _tributary_v1_FedSpread__Output>
      FedSum: MessageTypeDefinition<_tributary_v1_FedSum, _tributary_v1_FedSum__Output>
      FedSummary: MessageTypeDefinition<_tributary_v1_FedSummary, _tributary_v1_FedSummary__Output>
      FedTerms: MessageTypeDefinition<_tributary_v1_FedTerms, _tributary_v1_FedTerms__Output>
      FedUpdate: MessageTypeDefinition<_tributary_v1_FedUpdate, _tributary_v1_FedUpdate__Output>
    }
  }
}

