// Original file: protos/tributary/v1/secureboost.proto


export interface BoostTreeEnd {
  'finished'?: (boolean);
  'trees'?: (number);
}

export interface BoostTreeEnd__Output {
  'finished': (boolean);
  'trees': (number);
}
