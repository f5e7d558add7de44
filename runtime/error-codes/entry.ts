// What is said of each code. who: the person who must act. mend: what that person does. retry: what may be tried again
// without a change.

export type ErrorEntry = {
  readonly grpc:
    | 'INVALID_ARGUMENT'
    | 'FAILED_PRECONDITION'
    | 'PERMISSION_DENIED'
    | 'UNAUTHENTICATED'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'RESOURCE_EXHAUSTED'
    | 'DEADLINE_EXCEEDED'
    | 'UNAVAILABLE'
    | 'ABORTED'
    | 'DATA_LOSS'
    | 'CANCELLED'
    | 'INTERNAL'
  readonly retry: 'never' | 'step' | 'round' | 'job'
  readonly who: 'data partner' | 'modeler' | 'operator' | 'developer' | 'nobody'
  readonly summary: string
  readonly mend: string
}
