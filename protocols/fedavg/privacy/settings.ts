// What a job says about differential privacy: the section `average.privacy`.

export interface PrivacySettings {
  /** what the round must not tell of: any change of one party's rows, or of one row */
  readonly unit: 'party' | 'row'
  /** party: longest contribution of a party, after its weight; row: longest gradient of a row */
  readonly l2Clip: number
  /** standard deviation of the noise in the sum, over the sensitivity */
  readonly noiseMultiplier: number
  /** probability with which a row enters a round; below 1 only with unit row */
  readonly sampleRate: number
  readonly delta: number
  /** ε of the whole job */
  readonly budget: number
}
