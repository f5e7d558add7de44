// Every code the platform refuses with. `docs/errors.md` is generated from this table and a test compares the two.
// who: the person who must act. mend: what that person does. retry: what may be tried again without a change.

type Entry = {
  readonly grpc:
    | 'INVALID_ARGUMENT'
    | 'FAILED_PRECONDITION'
    | 'PERMISSION_DENIED'
    | 'UNAUTHENTICATED'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'RESOURCE_EXHAUSTED'
    | 'DEADLINE_EXCEEDED'
    | 'UNAVAILABLE'
    | 'ABORTED'
    | 'DATA_LOSS'
    | 'CANCELLED'
    | 'INTERNAL'
  readonly retry: 'never' | 'step' | 'round' | 'job'
  readonly who: 'data partner' | 'modeler' | 'operator' | 'developer' | 'nobody'
  readonly summary: string
  readonly mend: string
}

export const ERROR_CODES = {
  // configuration and files
  'config.invalid': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'operator',
    summary: 'the configuration has problems',
    mend: 'mend every key listed and start again',
  },
  'config.unreadable': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'operator',
    summary: 'a configuration file could not be read',
    mend: 'check that the file exists, is readable and is valid YAML',
  },
  'keys.missing': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'this party has no keys yet',
    mend: 'run `tributary init` in this home',
  },
  'keys.wrong-passphrase': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'the passphrase does not open the key store',
    mend: 'set TRIBUTARY_PASSPHRASE (or passphraseFile) to the passphrase given at `tributary init`',
  },
  'keys.damaged': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'a key file is damaged or not ours',
    mend: 'restore the key file from its backup',
  },
  'keys.exists': {
    grpc: 'ALREADY_EXISTS',
    retry: 'never',
    who: 'operator',
    summary: 'keys exist already; they are never overwritten',
    mend: 'use another home, or move the old keys away yourself',
  },
  'storage.full': {
    grpc: 'RESOURCE_EXHAUSTED',
    retry: 'step',
    who: 'operator',
    summary: 'the disk is full',
    mend: 'free space; the job goes on by itself from what is on disk',
  },
  'storage.damaged': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'a stored file does not match its check sum',
    mend: 'restore the file from backup or cancel the job',
  },
  'storage.locked': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'another process uses this home',
    mend: 'stop the other agent or coordinator, or use another home',
  },

  // data sets
  'data.unreadable': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a data set could not be read',
    mend: 'run `tributary data check` and mend the source it names',
  },
  'data.empty': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a data set has no rows',
    mend: 'check the export that made the file',
  },
  'data.missing-column': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a declared column is not in the source',
    mend: 'mend the column name in the configuration or add the column to the source',
  },
  'data.not-a-number': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a number column holds text',
    mend: 'mend the rows named, or declare the values under missing.values',
  },
  'data.missing-value': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a column with the rule `reject` has missing values',
    mend: 'fill the values or choose another missing rule for the column',
  },
  'data.duplicate-id': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'an id occurs more than once and the rule is `reject`',
    mend: 'remove the duplicates or set ids.duplicates to first or last',
  },
  'data.line-too-long': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'a line of the CSV file is longer than the limit',
    mend: 'check quoting and line ends of the file',
  },
  'data.bad-label': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'the label column holds other values than 0 and 1',
    mend: 'recode the label to 0 (good) and 1 (bad)',
  },
  'data.constant-column': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'a column has one value only over the training rows',
    mend: 'leave the column out of the job',
  },
  'data.changed': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'the source of a data set changed since the job began',
    mend: 'submit the job again: what was aligned was another version of the data',
  },
  'data.few-valid-ids': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'too few ids pass the check of their kind',
    mend: 'check ids.kind and the id column; `tributary data check` shows the profile',
  },

  // jobs
  'job.invalid': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'modeler',
    summary: 'the job file has problems',
    mend: 'mend the lines named',
  },
  'job.unknown-party': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'modeler',
    summary: 'the job names a party that is not in the federation',
    mend: 'check the name; `tributary parties` lists who is here',
  },
  'job.unknown-dataset': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'modeler',
    summary: 'the job names a data set that its party does not offer',
    mend: 'check the name; `tributary parties` lists what is offered',
  },
  'job.unknown-column': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'modeler',
    summary: 'the job names a column that the data set does not offer',
    mend: 'check the name; `tributary parties` lists what is offered',
  },
  'job.unknown': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'modeler',
    summary: 'there is no such job here',
    mend: '`tributary job list` lists the jobs of your party',
  },
  'job.exists': {
    grpc: 'ALREADY_EXISTS',
    retry: 'never',
    who: 'modeler',
    summary: 'this job was submitted already',
    mend: 'watch the one that exists',
  },
  'job.bad-state': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'the job is in a state that does not allow this',
    mend: 'look at the job with `tributary job show`',
  },
  'job.bad-signature': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'modeler',
    summary: 'the job is not signed by its guest',
    mend: 'submit the job from the home of its guest party',
  },
  'job.cancelled': {
    grpc: 'CANCELLED',
    retry: 'never',
    who: 'nobody',
    summary: 'the job was cancelled',
    mend: 'submit it again if that was a mistake',
  },
  'job.party-offline': {
    grpc: 'UNAVAILABLE',
    retry: 'job',
    who: 'data partner',
    summary: 'a party of the job is not connected',
    mend: 'start the agent of that party; the job waits until its deadline',
  },
  'policy.denied': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: "the data owner's policy does not allow this",
    mend: 'ask the data owner to allow it in the policy of its agent',
  },

  // people and data-use approvals
  'person.exists': {
    grpc: 'ALREADY_EXISTS',
    retry: 'never',
    who: 'operator',
    summary: 'this person has a key here already',
    mend: 'one person has one role at a party: choose another person',
  },
  'person.unknown': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'data partner',
    summary: 'there is no such person at this party',
    mend: '`tributary keys person list` lists who is here',
  },
  'person.wrong-role': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: "this person's role does not allow this",
    mend: 'ask a person of the role named',
  },
  'person.damaged': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'the card or key of a person is damaged or not made by this party',
    mend: 'restore the file from its backup, or make the person a new key',
  },
  'approval.invalid': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'data partner',
    summary: 'the approval has problems',
    mend: 'mend what is listed',
  },
  'approval.unknown': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'data partner',
    summary: 'there is no such approval or request at this party',
    mend: '`tributary approvals` lists what is here',
  },
  'approval.missing': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'no data-use approval of the owner covers this job',
    mend: 'the steward and the compliance officer of the owner sign one with `tributary approve`',
  },
  'approval.narrower': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'the data-use approval of the owner allows less than this job asks for',
    mend: 'ask for less in the job, or ask the owner to approve what is listed',
  },
  'approval.refused': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'modeler',
    summary: 'the data owner refused this job',
    mend: 'see the reason given',
  },
  'approval.withdrawn': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'the approval of a running job was withdrawn, has expired or is no longer intact',
    mend: 'ask the owner named for a new approval and submit the job again',
  },
  'approval.exceeded': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'the job reached a limit of its approval',
    mend: 'raise the limit named in a new approval, or ask for less in the job',
  },
  'approval.four-eyes': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'an approval takes two different people: a steward and a compliance officer',
    mend: 'let a person of the other role sign',
  },
  'approval.tampered': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'an approval on disk is not what was signed',
    mend: 'restore the folder of the approval from its backup; look for who changed it',
  },
  'approval.bad-state': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'data partner',
    summary: 'the approval is in a state that does not allow this',
    mend: 'look at it with `tributary approvals`',
  },

  // task and protocol
  'task.params-differ': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'the parties do not agree on the parameters of the task',
    mend: 'compare the values named; upgrade the party that differs',
  },
  'task.deadline': {
    grpc: 'DEADLINE_EXCEEDED',
    retry: 'job',
    who: 'operator',
    summary: 'the task did not finish before its deadline',
    mend: 'raise deadlines in the job or use fewer rows',
  },
  'peer.timeout': {
    grpc: 'DEADLINE_EXCEEDED',
    retry: 'job',
    who: 'data partner',
    summary: 'a party stayed away past the deadline',
    mend: 'start the agent of the party named and submit the job again',
  },
  'peer.failed': {
    grpc: 'ABORTED',
    retry: 'job',
    who: 'data partner',
    summary: 'another party ended the job',
    mend: 'see the code and party named',
  },
  'protocol.out-of-order': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'a message arrived for a step this party is not at',
    mend: 'report it: the peer runs other software or misbehaves',
  },
  'protocol.version': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'the peer speaks another protocol version',
    mend: 'upgrade the older side',
  },
  'protocol.malformed': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'a message does not decode, or breaks its limits',
    mend: 'report it: the peer runs other software or misbehaves',
  },

  // the round log
  'log.malformed': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'bytes are no record, note, tile or evidence bundle of the round log',
    mend: 'report it: the log was damaged, or the other side runs other software',
  },
  'log.not-canonical': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'a value has another encoding than the canonical one',
    mend: 'report it: the log was changed, or the other side runs other software',
  },
  'log.signature': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'a signature of the round log does not verify',
    mend: 'compare the keys with the trust bundle; if they are right, the log was changed',
  },
  'log.unknown-key': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'a record or checkpoint is signed by a key that is not in the trust bundle',
    mend: 'compare the keys with the trust bundle',
  },

  // envelopes and transport
  'envelope.malformed': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'an envelope does not decode',
    mend: 'report it: something between the agents changed bytes',
  },
  'envelope.tampered': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'an envelope does not verify: a byte was changed',
    mend: 'suspect the relay; compare the round records of both sides',
  },
  'envelope.wrong-sender': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'an envelope is not from the party it names',
    mend: 'suspect the relay; compare the round records of both sides',
  },
  'envelope.wrong-recipient': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'an envelope is for another party, job or direction',
    mend: 'suspect the relay; compare the round records of both sides',
  },
  'envelope.replayed': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'an envelope of another job or of another key came again',
    mend: 'suspect the relay; compare the round records of both sides',
  },
  'envelope.duplicate': {
    grpc: 'ALREADY_EXISTS',
    retry: 'never',
    who: 'nobody',
    summary: 'an envelope came twice; the second copy was dropped',
    mend: 'nothing: a resend after a reconnect does this',
  },
  'envelope.equivocation': {
    grpc: 'DATA_LOSS',
    retry: 'never',
    who: 'operator',
    summary: 'a party sent two different messages under one number',
    mend: 'treat as an incident: keep both round records',
  },
  'envelope.out-of-order': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'step',
    who: 'nobody',
    summary: 'an envelope came before the one ahead of it',
    mend: 'nothing: the sender resends from the gap',
  },
  'transport.too-large': {
    grpc: 'RESOURCE_EXHAUSTED',
    retry: 'never',
    who: 'developer',
    summary: 'a message is larger than its limit',
    mend: 'use smaller batches',
  },
  'transport.quota': {
    grpc: 'RESOURCE_EXHAUSTED',
    retry: 'never',
    who: 'operator',
    summary: 'a job passed its byte quota',
    mend: 'raise the quota at the coordinator or use a smaller job',
  },
  'transport.unavailable': {
    grpc: 'UNAVAILABLE',
    retry: 'step',
    who: 'operator',
    summary: 'the coordinator cannot be reached',
    mend: 'check address, port and firewall; `tributary doctor` tells which',
  },
  'identity.unknown': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'the certificate belongs to no party of the federation',
    mend: "add the party's root to the trust bundle",
  },
  'identity.wrong-party': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'operator',
    summary: 'the certificate belongs to another party',
    mend: 'use the keys of the party you act for',
  },
  'identity.expired': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'a certificate is expired or not yet valid',
    mend: 'check the clock, then renew the certificate with `tributary init --renew`',
  },
  'identity.connected-elsewhere': {
    grpc: 'ALREADY_EXISTS',
    retry: 'step',
    who: 'operator',
    summary: 'another agent of this party took over the connection',
    mend: 'run one agent a party',
  },
  'identity.revoked': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'operator',
    summary: 'this certificate, or its party, was revoked',
    mend: 'ask who revoked it; with keys that are still trusted, get a new certificate with `tributary init --renew`',
  },

  // enrolment, trust bundle, revocation
  'enrolment.unknown': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'no such invitation, or it is for another party or has another token',
    mend: 'use the invitation for this party as it was sent; five wrong tries use it up',
  },
  'enrolment.expired': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'the invitation is expired',
    mend: 'ask for a new invitation',
  },
  'enrolment.used': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'the invitation was used already',
    mend: 'if it was not you, tell the other parties; ask for a new invitation',
  },
  'enrolment.exhausted': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'operator',
    summary: 'the invitation was tried too often with a wrong token',
    mend: 'ask for a new invitation',
  },
  'enrolment.busy': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'another change of the trust bundle waits for signatures',
    mend: 'wait until the parties confirmed it, then try again with the same invitation',
  },
  'enrolment.no-proposal': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'operator',
    summary: 'no such change of the trust bundle waits for signatures',
    mend: 'run `tributary federation confirm` again to see what is proposed now',
  },
  'enrolment.words-differ': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'the words are not those of the proposed trust bundle',
    mend: 'do not sign; compare again by telephone, and look for who changed the proposal',
  },
  'trust.unsigned': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'operator',
    summary: 'the trust bundle is not signed by enough parties',
    mend: 'let the parties run `tributary federation confirm`',
  },
  'trust.broken-chain': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'the trust bundle does not follow the one that is held',
    mend: 'get the editions in between from another party, and ask who made this one',
  },
  'revocation.unsigned': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'operator',
    summary: 'the revocation is signed neither by its party nor by two thirds of the parties',
    mend: 'let further parties run the same `tributary federation revoke`',
  },
  'revocation.stale': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'operator',
    summary: 'the revocation is not newer than the one in force, or takes something back',
    mend: 'run `tributary federation revoke` again: it starts from the list in force',
  },

  // alignment
  'psi.too-small': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'the intersection is smaller than the minimum; nothing was released',
    mend: 'compare the id profiles of both sides in the alignment report',
  },
  'psi.bad-point': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'a PSI point is not a valid group element',
    mend: 'report it: the peer runs other software or misbehaves',
  },
  'psi.duplicate-point': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'a PSI set holds a point twice',
    mend: 'report it: the peer runs other software or misbehaves',
  },
  'psi.commitment': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'developer',
    summary: 'a PSI set is not the one committed to',
    mend: 'report it: the peer changed its set after seeing ours',
  },
  'psi.count': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'the counts of both sides do not agree',
    mend: 'report it: the peer runs other software or misbehaves',
  },

  // what may leave
  'release.too-few-rows': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'too few rows stand behind numbers that were to be released; they were not sent',
    mend: 'use more rows: a larger intersection, or larger batches',
  },
  'release.unrecorded': {
    grpc: 'INTERNAL',
    retry: 'never',
    who: 'developer',
    summary: 'plain numbers were to leave without their release record; they were not sent',
    mend: 'report it: the protocol must say which rows stand behind what it releases',
  },
  'egress.not-ciphertext': {
    grpc: 'INTERNAL',
    retry: 'never',
    who: 'developer',
    summary: 'a message that should be encrypted or masked does not look so; it was not sent',
    mend: 'treat as an incident: keep the home of this party and report it',
  },
  'guard.differencing': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary:
      'the rows of this job differ from those of an earlier job by so few that the two results would tell about them',
    mend: 'use the data set version and the rows of the earlier job, or wait for a new version of the data',
  },

  // training
  'lr.too-few-rows': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'too few rows for so many columns and rounds: the answers would give rows away',
    mend: 'use fewer columns or rounds, or more rows',
  },
  'lr.one-class': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'the training or hold-out rows have one class only',
    mend: 'check the label, the split and the alignment',
  },
  'lr.diverged': {
    grpc: 'ABORTED',
    retry: 'never',
    who: 'modeler',
    summary: 'training diverged',
    mend: 'raise l2 or lower momentum',
  },

  // homomorphic encryption
  'he.parameters': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'an encryption parameter set is not in the registry',
    mend: 'upgrade the older side',
  },
  'he.malformed': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'bytes are not a ciphertext of the expected shape',
    mend: 'report it: the peer runs other software or misbehaves',
  },
  'he.wrong-key': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'a ciphertext is under another key',
    mend: 'report it: the peer mixed its keys',
  },
  'he.key-used-up': {
    grpc: 'RESOURCE_EXHAUSTED',
    retry: 'never',
    who: 'developer',
    summary: 'a key gave as many answers as its flooding allows',
    mend: 'start a new task: it makes new keys',
  },
  'he.range': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'a value is outside the range of the encoding',
    mend: 'report it with the parameter names in the message',
  },
  'he.noise': {
    grpc: 'INTERNAL',
    retry: 'never',
    who: 'developer',
    summary: 'a computation would pass the noise bound of its parameter set',
    mend: 'use fewer rows a batch',
  },
  'he.seal': {
    grpc: 'INTERNAL',
    retry: 'never',
    who: 'developer',
    summary: 'the homomorphic-encryption library refused',
    mend: 'report it with the message',
  },
  'he.worker': {
    grpc: 'INTERNAL',
    retry: 'round',
    who: 'developer',
    summary: 'an encryption worker died',
    mend: 'look at the memory of the machine; the round is tried again',
  },

  'internal.unexpected': {
    grpc: 'INTERNAL',
    retry: 'never',
    who: 'developer',
    summary: 'something failed that should not',
    mend: 'report it with the log of this process',
  },
} as const satisfies Record<string, Entry>
