// Original file: protos/tributary/v1/jobs.proto

import type { PartyView as _tributary_v1_PartyView, PartyView__Output as _tributary_v1_PartyView__Output } from '../../tributary/v1/PartyView.ts';

export interface FederationView {
  'federation'?: (string);
  'parties'?: (_tributary_v1_PartyView)[];
}

export interface FederationView__Output {
  'federation': (string);
  'parties': (_tributary_v1_PartyView__Output)[];
}
