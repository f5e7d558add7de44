// Original file: protos/tributary/v1/fedavg.proto


export interface FedTerms {
  'terms'?: ({[key: string]: string});
}

export interface FedTerms__Output {
  'terms': ({[key: string]: string});
}
