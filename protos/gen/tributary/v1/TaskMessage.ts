// Original file: protos/tributary/v1/envelope.proto


export interface TaskMessage {
  'version'?: (number);
  'task'?: (string);
  'round'?: (number);
  'step'?: (string);
  'part'?: (number);
  'kind'?: (string);
  'key_id'?: (string);
  'payload'?: (Buffer | Uint8Array | string);
}

export interface TaskMessage__Output {
  'version': (number);
  'task': (string);
  'round': (number);
  'step': (string);
  'part': (number);
  'kind': (string);
  'key_id': (string);
  'payload': (Buffer);
}
