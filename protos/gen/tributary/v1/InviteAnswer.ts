// Original file: protos/tributary/v1/link.proto

import type { Failure as _tributary_v1_Failure, Failure__Output as _tributary_v1_Failure__Output } from '../../tributary/v1/Failure.ts';

export interface InviteAnswer {
  'job'?: (string);
  'accepted'?: (boolean);
  'sealing_key'?: (Buffer | Uint8Array | string);
  'sealing_signature'?: (Buffer | Uint8Array | string);
  'refusal'?: (_tributary_v1_Failure | null);
}

export interface InviteAnswer__Output {
  'job': (string);
  'accepted': (boolean);
  'sealing_key': (Buffer);
  'sealing_signature': (Buffer);
  'refusal': (_tributary_v1_Failure__Output | null);
}
