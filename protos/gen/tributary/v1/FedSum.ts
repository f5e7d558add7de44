// Original file: protos/tributary/v1/fedavg.proto


export interface FedSum {
  'label'?: (Buffer | Uint8Array | string);
  'chunks'?: (Buffer | Uint8Array | string);
  'shared'?: (boolean);
  'commitments'?: (Buffer | Uint8Array | string);
}

export interface FedSum__Output {
  'label': (Buffer);
  'chunks': (Buffer);
  'shared': (boolean);
  'commitments': (Buffer);
}
