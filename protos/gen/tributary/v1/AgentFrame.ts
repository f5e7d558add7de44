// Original file: protos/tributary/v1/link.proto

import type { Hello as _tributary_v1_Hello, Hello__Output as _tributary_v1_Hello__Output } from '../../tributary/v1/Hello.ts';
import type { Catalog as _tributary_v1_Catalog, Catalog__Output as _tributary_v1_Catalog__Output } from '../../tributary/v1/Catalog.ts';
import type { InviteAnswer as _tributary_v1_InviteAnswer, InviteAnswer__Output as _tributary_v1_InviteAnswer__Output } from '../../tributary/v1/InviteAnswer.ts';
import type { RoundClosed as _tributary_v1_RoundClosed, RoundClosed__Output as _tributary_v1_RoundClosed__Output } from '../../tributary/v1/RoundClosed.ts';
import type { TaskFailed as _tributary_v1_TaskFailed, TaskFailed__Output as _tributary_v1_TaskFailed__Output } from '../../tributary/v1/TaskFailed.ts';
import type { Progress as _tributary_v1_Progress, Progress__Output as _tributary_v1_Progress__Output } from '../../tributary/v1/Progress.ts';
import type { Chunk as _tributary_v1_Chunk, Chunk__Output as _tributary_v1_Chunk__Output } from '../../tributary/v1/Chunk.ts';
import type { Ack as _tributary_v1_Ack, Ack__Output as _tributary_v1_Ack__Output } from '../../tributary/v1/Ack.ts';
import type { Beat as _tributary_v1_Beat, Beat__Output as _tributary_v1_Beat__Output } from '../../tributary/v1/Beat.ts';
import type { LogSync as _tributary_v1_LogSync, LogSync__Output as _tributary_v1_LogSync__Output } from '../../tributary/v1/LogSync.ts';
import type { LogAppend as _tributary_v1_LogAppend, LogAppend__Output as _tributary_v1_LogAppend__Output } from '../../tributary/v1/LogAppend.ts';
import type { Cosignature as _tributary_v1_Cosignature, Cosignature__Output as _tributary_v1_Cosignature__Output } from '../../tributary/v1/Cosignature.ts';

export interface AgentFrame {
  'hello'?: (_tributary_v1_Hello | null);
  'catalog'?: (_tributary_v1_Catalog | null);
  'invite_answer'?: (_tributary_v1_InviteAnswer | null);
  'round_closed'?: (_tributary_v1_RoundClosed | null);
  'task_failed'?: (_tributary_v1_TaskFailed | null);
  'progress'?: (_tributary_v1_Progress | null);
  'chunk'?: (_tributary_v1_Chunk | null);
  'ack'?: (_tributary_v1_Ack | null);
  'beat'?: (_tributary_v1_Beat | null);
  'log_sync'?: (_tributary_v1_LogSync | null);
  'log_append'?: (_tributary_v1_LogAppend | null);
  'cosignature'?: (_tributary_v1_Cosignature | null);
  'body'?: "hello"|"catalog"|"invite_answer"|"round_closed"|"task_failed"|"progress"|"chunk"|"ack"|"beat"|"log_sync"|"log_append"|"cosignature";
}

export interface AgentFrame__Output {
  'hello'?: (_tributary_v1_Hello__Output | null);
  'catalog'?: (_tributary_v1_Catalog__Output | null);
  'invite_answer'?: (_tributary_v1_InviteAnswer__Output | null);
  'round_closed'?: (_tributary_v1_RoundClosed__Output | null);
  'task_failed'?: (_tributary_v1_TaskFailed__Output | null);
  'progress'?: (_tributary_v1_Progress__Output | null);
  'chunk'?: (_tributary_v1_Chunk__Output | null);
  'ack'?: (_tributary_v1_Ack__Output | null);
  'beat'?: (_tributary_v1_Beat__Output | null);
  'log_sync'?: (_tributary_v1_LogSync__Output | null);
  'log_append'?: (_tributary_v1_LogAppend__Output | null);
  'cosignature'?: (_tributary_v1_Cosignature__Output | null);
  'body'?: "hello"|"catalog"|"invite_answer"|"round_closed"|"task_failed"|"progress"|"chunk"|"ack"|"beat"|"log_sync"|"log_append"|"cosignature";
}
