// Original file: protos/tributary/v1/group.proto


export interface GroupSeed {
  'share'?: (Buffer | Uint8Array | string);
}

export interface GroupSeed__Output {
  'share': (Buffer);
}
