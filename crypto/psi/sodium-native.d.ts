// The calls of sodium-native 5 that crypto/ uses: the package brings no types.
declare module 'sodium-native' {
  const sodium: {
    /** out = [clamped scalar] point on curve25519, u-coordinates only. @throws Error for a point of small order */
    crypto_scalarmult(out: Uint8Array, scalar: Uint8Array, point: Uint8Array): void
    /** Elligator 2 onto edwards25519, cofactor cleared: 32 uniform bytes to a point of the prime-order subgroup */
    crypto_core_ed25519_from_uniform(out: Uint8Array, uniform: Uint8Array): void
    crypto_core_ed25519_add(out: Uint8Array, p: Uint8Array, q: Uint8Array): void
    /** Ed25519; false also for an R or a key of small order */
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  }
  export default sodium
}
