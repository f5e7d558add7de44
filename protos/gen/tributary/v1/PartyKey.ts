// Original file: protos/tributary/v1/link.proto


export interface PartyKey {
  'party'?: (string);
  'sealing_key'?: (Buffer | Uint8Array | string);
  'sealing_signature'?: (Buffer | Uint8Array | string);
}

export interface PartyKey__Output {
  'party': (string);
  'sealing_key': (Buffer);
  'sealing_signature': (Buffer);
}
