// Original file: protos/tributary/v1/link.proto


export interface Hello {
  'wire_version'?: (number);
  'party'?: (string);
  'software'?: (string);
  'jobs'?: (string)[];
  'trust_edition'?: (number);
}

export interface Hello__Output {
  'wire_version': (number);
  'party': (string);
  'software': (string);
  'jobs': (string)[];
  'trust_edition': (number);
}
