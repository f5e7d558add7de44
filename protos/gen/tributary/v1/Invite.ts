// Original file: protos/tributary/v1/link.proto


export interface Invite {
  'job'?: (string);
  'job_spec'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
  'submitted_at'?: (string);
}

export interface Invite__Output {
  'job': (string);
  'job_spec': (Buffer);
  'signature': (Buffer);
  'submitted_at': (string);
}
