// Original file: protos/tributary/v1/secureboost.proto


export interface BoostLayout {
  'windows'?: (number)[];
}

export interface BoostLayout__Output {
  'windows': (number)[];
}
