// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrScores {
  'scores'?: (Buffer | Uint8Array | string);
}

export interface LrScores__Output {
  'scores': (Buffer);
}
