// Original file: protos/tributary/v1/binning.proto


export interface BinningColumn {
  'alias'?: (string);
  'values'?: (number);
  'specials'?: (string)[];
  'ordered'?: (boolean);
}

export interface BinningColumn__Output {
  'alias': (string);
  'values': (number);
  'specials': (string)[];
  'ordered': (boolean);
}
