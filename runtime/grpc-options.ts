// What both ends of a gRPC connection must agree on. Clients and the server take their options from here.

/** Largest piece of an envelope in one frame. */
export const MAX_CHUNK_BYTES = 256 * 1024
/** Largest gRPC message to the coordinator: one chunk with its address, or one control message such as a Catalog. */
export const MAX_FRAME_BYTES = MAX_CHUNK_BYTES + 64 * 1024
/** Largest answer of the coordinator to a command line, such as a list of jobs. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024
/** HTTP/2 flow-control window of both directions: with 64 KiB (the default) a line of 40 ms carries under 1 MiB/s. */
export const WINDOW_BYTES = 8 * 1024 * 1024

/** Options of every client channel to the coordinator. */
export const CLIENT_OPTIONS = {
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': MAX_FRAME_BYTES,
  // without these a peer that vanished silently is never noticed
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc-node.flow_control_window': WINDOW_BYTES,
  // ciphertexts do not compress
  'grpc.default_compression_algorithm': 0,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  'grpc.enable_retries': 0,
} as const

/** Options of the coordinator's server. */
export const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': MAX_FRAME_BYTES,
  'grpc.max_send_message_length': MAX_ANSWER_BYTES,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_concurrent_streams': 64,
  'grpc.default_compression_algorithm': 0,
  'grpc.max_connection_age_grace_ms': 5_000,
} as const
