// The schedule of a round is data: which role says what to whom, in wire order.
// It types the channel, is checked at run time, drives the round record and draws the README's table.

/** What class of information a message carries; the closed list of the disclosure ledger. */
export type MessageKind =
  | 'ciphertext'
  | 'masked-share'
  | 'psi-points'
  | 'public-key'
  | 'released-aggregate'
  | 'split-sides'
  | 'control'

/** Kinds that tell something of the rows in the clear, on purpose: numbers over many rows, and one bit a row of a split. */
export type ReleasedKind = 'released-aggregate' | 'split-sides'

export function isReleased(kind: MessageKind): kind is ReleasedKind {
  return kind === 'released-aggregate' || kind === 'split-sides'
}

/** Plain value to bytes and back. `decode` is the one place where foreign bytes are trusted or refused. */
export interface Codec<Body> {
  encode(body: Body): Uint8Array
  /** @throws PlatformError protocol.malformed */
  decode(bytes: Uint8Array): Body
}

/** Why plain numbers may leave: what they are, and how many rows must stand behind them. */
export interface Release<Body = unknown> {
  readonly what: { readonly en: string; readonly zh: string }
  /** a floor; who sends may ask for more */
  readonly minimumRows: number
  /** significant digits of the numbers; absent for whole numbers such as counts, which are exact */
  readonly digits?: number
  /** true for a body that says only that nothing is released: the one body that needs no rows behind it */
  withholds?(body: Body): boolean
}

/** What is told in the clear needs its release; nothing else may have one. */
type ReleaseOf<Kind extends MessageKind, Body> = Kind extends ReleasedKind
  ? { readonly release: Release<Body> }
  : { readonly release?: never }

export type Step<
  Name extends string = string,
  From extends string = string,
  To extends string = string,
  Body = unknown,
  Kind extends MessageKind = MessageKind,
> = {
  readonly name: Name
  readonly from: From
  readonly to: To
  readonly kind: Kind
  readonly codec: Codec<Body>
  /** 'one' message, or 'parts' numbered 0, 1, 2 … whose count both sides know */
  readonly arity: 'one' | 'parts'
  /** In one sentence, what the receiver learns: the leakage statement is made of these. */
  readonly reveals: string
  /** For masked shares: the roles that hold what the mask hides behind. All of them together could open it. */
  readonly openableBy?: readonly string[]
} & ReleaseOf<Kind, Body>

/** One step of a schedule. Names are unique within a schedule; From and To are role names. */
export function step<
  const Name extends string,
  const From extends string,
  const To extends string,
  Body,
  const Kind extends MessageKind,
>(definition: Step<Name, From, To, Body, Kind>): Step<Name, From, To, Body, Kind> {
  return Object.freeze(definition) as typeof definition
}

export type Schedule = readonly Step[]
export type StepNamed<S extends Schedule, Name extends string> = Extract<S[number], { readonly name: Name }>
export type BodyOf<S extends Schedule, Name extends string> =
  StepNamed<S, Name> extends { readonly codec: Codec<infer Body> } ? Body : never
/** Names of the steps that a role may send, or receive, in a schedule. */
export type Sends<S extends Schedule, Role extends string> = Extract<S[number], { readonly from: Role }>['name']
export type Receives<S extends Schedule, Role extends string> = Extract<S[number], { readonly to: Role }>['name']
