// Original file: protos/tributary/v1/log.proto


export interface LogAppend {
  'collaboration'?: (string);
  'leaves'?: (Buffer | Uint8Array | string)[];
}

export interface LogAppend__Output {
  'collaboration': (string);
  'leaves': (Buffer)[];
}
