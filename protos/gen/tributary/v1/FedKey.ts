// Original file: protos/tributary/v1/fedavg.proto


export interface FedKey {
  'key'?: (Buffer | Uint8Array | string);
}

export interface FedKey__Output {
  'key': (Buffer);
}
