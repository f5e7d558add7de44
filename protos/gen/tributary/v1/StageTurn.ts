// Original file: protos/tributary/v1/stages.proto


export interface StageTurn {
  'over'?: (boolean);
}

export interface StageTurn__Output {
  'over': (boolean);
}
