// Original file: protos/tributary/v1/fedavg.proto


export interface FedUpdate {
  'label'?: (Buffer | Uint8Array | string);
  'opener'?: (string);
  'number'?: (number);
  'participants'?: (string)[];
  'parameters'?: (number);
  'chunks'?: (Buffer | Uint8Array | string);
  'shared'?: (boolean);
  'commitment'?: (Buffer | Uint8Array | string);
}

export interface FedUpdate__Output {
  'label': (Buffer);
  'opener': (string);
  'number': (number);
  'participants': (string)[];
  'parameters': (number);
  'chunks': (Buffer);
  'shared': (boolean);
  'commitment': (Buffer);
}
