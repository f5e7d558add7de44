// Original file: protos/tributary/v1/vertical_lr.proto


export interface LrWidths {
  'columns'?: (number)[];
}

export interface LrWidths__Output {
  'columns': (number)[];
}
