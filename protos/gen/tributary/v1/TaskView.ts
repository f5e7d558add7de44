// Original file: protos/tributary/v1/jobs.proto


export interface TaskView {
  'task'?: (string);
  'protocol'?: (string);
  'state'?: (string);
  'round'?: (number);
  'max_rounds'?: (number);
  'started_at'?: (string);
  'ended_at'?: (string);
}

export interface TaskView__Output {
  'task': (string);
  'protocol': (string);
  'state': (string);
  'round': (number);
  'max_rounds': (number);
  'started_at': (string);
  'ended_at': (string);
}
