import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BoostChoice as _tributary_v1_BoostChoice, BoostChoice__Output as _tributary_v1_BoostChoice__Output } from './tributary/v1/BoostChoice.ts';
import type { BoostChosen as _tributary_v1_BoostChosen, BoostChosen__Output as _tributary_v1_BoostChosen__Output } from './tributary/v1/BoostChosen.ts';
import type { BoostCiphertexts as _tributary_v1_BoostCiphertexts, BoostCiphertexts__Output as _tributary_v1_BoostCiphertexts__Output } from './tributary/v1/BoostCiphertexts.ts';
import type { BoostColumn as _tributary_v1_BoostColumn, BoostColumn__Output as _tributary_v1_BoostColumn__Output } from './tributary/v1/BoostColumn.ts';
import type { BoostColumns as _tributary_v1_BoostColumns, BoostColumns__Output as _tributary_v1_BoostColumns__Output } from './tributary/v1/BoostColumns.ts';
import type { BoostKey as _tributary_v1_BoostKey, BoostKey__Output as _tributary_v1_BoostKey__Output } from './tributary/v1/BoostKey.ts';
import type { BoostLayout as _tributary_v1_BoostLayout, BoostLayout__Output as _tributary_v1_BoostLayout__Output } from './tributary/v1/BoostLayout.ts';
import type { BoostNode as _tributary_v1_BoostNode, BoostNode__Output as _tributary_v1_BoostNode__Output } from './tributary/v1/BoostNode.ts';
import type { BoostNodeRows as _tributary_v1_BoostNodeRows, BoostNodeRows__Output as _tributary_v1_BoostNodeRows__Output } from './tributary/v1/BoostNodeRows.ts';
import type { BoostSides as _tributary_v1_BoostSides, BoostSides__Output as _tributary_v1_BoostSides__Output } from './tributary/v1/BoostSides.ts';
import type { BoostTerms as _tributary_v1_BoostTerms, BoostTerms__Output as _tributary_v1_BoostTerms__Output } from './tributary/v1/BoostTerms.ts';
import type { BoostTreeEnd as _tributary_v1_BoostTreeEnd, BoostTreeEnd__Output as _tributary_v1_BoostTreeEnd__Output } from './tributary/v1/BoostTreeEnd.ts';
import type { BoostTreeRows as _tributary_v1_BoostTreeRows, BoostTreeRows__Output as _tributary_v1_BoostTreeRows__Output } from './tributary/v1/BoostTreeRows.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tributary: {
    v1: {
      BoostChoice: MessageTypeDefinition<_tributary_v1_BoostChoice, _tributary_v1_BoostChoice__Output>
      BoostChosen: MessageTypeDefinition<_tributary_v1_BoostChosen, _tributary_v1_BoostChosen__Output>
      BoostCiphertexts: MessageTypeDefinition<_tributary_v1_BoostCiphertexts, _tributary_v1_BoostCiphertexts__Output>
      BoostColumn: MessageTypeDefinition<_tributary_v1_BoostColumn, _tributary_v1_BoostColumn__Output>
      BoostColumns: MessageTypeDefinition<_tributary_v1_BoostColumns, _tributary_v1_BoostColumns__Output>
      BoostKey: MessageTypeDefinition<_tributary_v1_BoostKey, _tributary_v1_BoostKey__Output>
      BoostLayout: MessageTypeDefinition<_tributary_v1_BoostLayout, _tributary_v1_BoostLayout__Output>
      BoostNode: MessageTypeDefinition<_tributary_v1_BoostNode, _tributary_v1_BoostNode__Output>
      BoostNodeRows: MessageTypeDefinition<_tributary_v1_BoostNodeRows, _tributary_v1_BoostNodeRows__Output>
      BoostSides: MessageTypeDefinition<_tributary_v1_BoostSides, _tributary_v1_BoostSides__Output>
      BoostTerms: MessageTypeDefinition<_tributary_v1_BoostTerms, _tributary_v1_BoostTerms__Output>
      BoostTreeEnd: MessageTypeDefinition<_tributary_v1_BoostTreeEnd, _tributary_v1_BoostTreeEnd__Output>
      BoostTreeRows: MessageTypeDefinition<_tributary_v1_BoostTreeRows, _tributary_v1_BoostTreeRows__Output>
    }
  }
}

