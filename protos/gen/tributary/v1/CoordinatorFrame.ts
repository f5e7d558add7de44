// Original file: protos/tributary/v1/link.proto

import type { Welcome as _tributary_v1_Welcome, Welcome__Output as _tributary_v1_Welcome__Output } from '../../tributary/v1/Welcome.ts';
import type { Invite as _tributary_v1_Invite, Invite__Output as _tributary_v1_Invite__Output } from '../../tributary/v1/Invite.ts';
import type { JobStarted as _tributary_v1_JobStarted, JobStarted__Output as _tributary_v1_JobStarted__Output } from '../../tributary/v1/JobStarted.ts';
import type { RoundOpened as _tributary_v1_RoundOpened, RoundOpened__Output as _tributary_v1_RoundOpened__Output } from '../../tributary/v1/RoundOpened.ts';
import type { JobEnded as _tributary_v1_JobEnded, JobEnded__Output as _tributary_v1_JobEnded__Output } from '../../tributary/v1/JobEnded.ts';
import type { Chunk as _tributary_v1_Chunk, Chunk__Output as _tributary_v1_Chunk__Output } from '../../tributary/v1/Chunk.ts';
import type { Ack as _tributary_v1_Ack, Ack__Output as _tributary_v1_Ack__Output } from '../../tributary/v1/Ack.ts';
import type { PeerUp as _tributary_v1_PeerUp, PeerUp__Output as _tributary_v1_PeerUp__Output } from '../../tributary/v1/PeerUp.ts';
import type { Refusal as _tributary_v1_Refusal, Refusal__Output as _tributary_v1_Refusal__Output } from '../../tributary/v1/Refusal.ts';
import type { Beat as _tributary_v1_Beat, Beat__Output as _tributary_v1_Beat__Output } from '../../tributary/v1/Beat.ts';
import type { TrustUpdate as _tributary_v1_TrustUpdate, TrustUpdate__Output as _tributary_v1_TrustUpdate__Output } from '../../tributary/v1/TrustUpdate.ts';
import type { LogEntries as _tributary_v1_LogEntries, LogEntries__Output as _tributary_v1_LogEntries__Output } from '../../tributary/v1/LogEntries.ts';
import type { LogAck as _tributary_v1_LogAck, LogAck__Output as _tributary_v1_LogAck__Output } from '../../tributary/v1/LogAck.ts';

export interface CoordinatorFrame {
  'welcome'?: (_tributary_v1_Welcome | null);
  'invite'?: (_tributary_v1_Invite | null);
  'job_started'?: (_tributary_v1_JobStarted | null);
  'round_opened'?: (_tributary_v1_RoundOpened | null);
  'job_ended'?: (_tributary_v1_JobEnded | null);
  'chunk'?: (_tributary_v1_Chunk | null);
  'ack'?: (_tributary_v1_Ack | null);
  'peer_up'?: (_tributary_v1_PeerUp | null);
  'refusal'?: (_tributary_v1_Refusal | null);
  'beat'?: (_tributary_v1_Beat | null);
  'trust_update'?: (_tributary_v1_TrustUpdate | null);
  'log_entries'?: (_tributary_v1_LogEntries | null);
  'log_ack'?: (_tributary_v1_LogAck | null);
  'body'?: "welcome"|"invite"|"job_started"|"round_opened"|"job_ended"|"chunk"|"ack"|"peer_up"|"refusal"|"beat"|"trust_update"|"log_entries"|"log_ack";
}

export interface CoordinatorFrame__Output {
  'welcome'?: (_tributary_v1_Welcome__Output | null);
  'invite'?: (_tributary_v1_Invite__Output | null);
  'job_started'?: (_tributary_v1_JobStarted__Output | null);
  'round_opened'?: (_tributary_v1_RoundOpened__Output | null);
  'job_ended'?: (_tributary_v1_JobEnded__Output | null);
  'chunk'?: (_tributary_v1_Chunk__Output | null);
  'ack'?: (_tributary_v1_Ack__Output | null);
  'peer_up'?: (_tributary_v1_PeerUp__Output | null);
  'refusal'?: (_tributary_v1_Refusal__Output | null);
  'beat'?: (_tributary_v1_Beat__Output | null);
  'trust_update'?: (_tributary_v1_TrustUpdate__Output | null);
  'log_entries'?: (_tributary_v1_LogEntries__Output | null);
  'log_ack'?: (_tributary_v1_LogAck__Output | null);
  'body'?: "welcome"|"invite"|"job_started"|"round_opened"|"job_ended"|"chunk"|"ack"|"peer_up"|"refusal"|"beat"|"trust_update"|"log_entries"|"log_ack";
}
