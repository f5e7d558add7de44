// Original file: protos/tributary/v1/link.proto


export interface TrustUpdate {
  'bundles'?: (string)[];
  'revocations'?: (string)[];
}

export interface TrustUpdate__Output {
  'bundles': (string)[];
  'revocations': (string)[];
}
