import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BinningCiphertexts as _tributary_v1_BinningCiphertexts, BinningCiphertexts__Output as _tributary_v1_BinningCiphertexts__Output } from './tributary/v1/BinningCiphertexts.ts';
import type { BinningColumn as _tributary_v1_BinningColumn, BinningColumn__Output as _tributary_v1_BinningColumn__Output } from './tributary/v1/BinningColumn.ts';
import type { BinningColumnWeights as _tributary_v1_BinningColumnWeights, BinningColumnWeights__Output as _tributary_v1_BinningColumnWeights__Output } from './tributary/v1/BinningColumnWeights.ts';
import type { BinningColumns as _tributary_v1_BinningColumns, BinningColumns__Output as _tributary_v1_BinningColumns__Output } from './tributary/v1/BinningColumns.ts';
import type { BinningKey as _tributary_v1_BinningKey, BinningKey__Output as _tributary_v1_BinningKey__Output } from './tributary/v1/BinningKey.ts';
import type { BinningLayout as _tributary_v1_BinningLayout, BinningLayout__Output as _tributary_v1_BinningLayout__Output } from './tributary/v1/BinningLayout.ts';
import type { BinningShape as _tributary_v1_BinningShape, BinningShape__Output as _tributary_v1_BinningShape__Output } from './tributary/v1/BinningShape.ts';
import type { BinningShapes as _tributary_v1_BinningShapes, BinningShapes__Output as _tributary_v1_BinningShapes__Output } from './tributary/v1/BinningShapes.ts';
import type { BinningTerms as _tributary_v1_BinningTerms, BinningTerms__Output as _tributary_v1_BinningTerms__Output } from './tributary/v1/BinningTerms.ts';
import type { BinningWeights as _tributary_v1_BinningWeights, BinningWeights__Output as _tributary_v1_BinningWeights__Output } from './tributary/v1/BinningWeights.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      BinningCiphertexts: MessageTypeDefinition<_tributary_v1_BinningCiphertexts, _tributary_v1_BinningCiphertexts__Output>
      BinningColumn: MessageTypeDefinition<_tributary_v1_BinningColumn, _tributary_v1_BinningColumn__Output>
      BinningColumnWeights: MessageTypeDefinition<_tributary_v1_BinningColumnWeights, _tributary_v1_BinningColumnWeights__Output>
      BinningColumns: MessageTypeDefinition<_tributary_v1_BinningColumns, _tributary_v1_BinningColumns__Output>
      BinningKey: MessageTypeDefinition<_tributary_v1_BinningKey, _tributary_v1_BinningKey__Output>
      BinningLayout: MessageTypeDefinition<_tributary_v1_BinningLayout, _tributary_v1_BinningLayout__Output>
      BinningShape: MessageTypeDefinition<_tributary_v1_BinningShape, _tributary_v1_BinningShape__Output>
      BinningShapes: MessageTypeDefinition<_tributary_v1_BinningShapes, _tributary_v1_BinningShapes__Output>
      BinningTerms: MessageTypeDefinition<_tributary_v1_BinningTerms, _tributary_v1_BinningTerms__Output>
      BinningWeights: MessageTypeDefinition<_tributary_v1_BinningWeights, _tributary_v1_BinningWeights__Output>
    }
  }
}

