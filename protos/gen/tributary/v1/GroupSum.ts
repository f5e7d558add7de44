// Original file: protos/tributary/v1/group.proto


export interface GroupSum {
  'masked'?: (Buffer | Uint8Array | string);
}

export interface GroupSum__Output {
  'masked': (Buffer);
}
