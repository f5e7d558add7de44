// Original file: protos/tributary/v1/link.proto


export interface RoundOpened {
  'job'?: (string);
  'task'?: (string);
  'round'?: (number);
}

export interface RoundOpened__Output {
  'job': (string);
  'task': (string);
  'round': (number);
}
