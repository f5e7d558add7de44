// Original file: protos/tributary/v1/group.proto


export interface GroupKey {
  'key'?: (Buffer | Uint8Array | string);
}

export interface GroupKey__Output {
  'key': (Buffer);
}
