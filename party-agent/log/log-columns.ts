// A round log in columns: of each record only what lists, sums and time lines ask for, so that a log of a million records
// takes tens of megabytes and a pass over a job of 500 rounds a few milliseconds.

/** Integers that grow at the end. */
class Integers {
  #values = new Int32Array(1024)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Int32Array(this.#length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#length++] = value
  }

  at(index: number): number {
    return this.#values[index] ?? -1
  }
}

/** Each text once; records keep its number. */
class Texts {
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []

  numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  at(number: number): string {
    return this.#texts[number] ?? ''
  }
}

export interface ColumnRow {
  readonly kind: string
  readonly author: string
  readonly class: string
  /** of a message: the other end */
  readonly peer: string
  /** of the axis of its job; END where the author had closed the job */
  readonly position: number
  /** milliseconds since 1970 */
  readonly time: number
  readonly bytes: number
  /** of a cell: kept back; of a closed round: voided; of an opened one: parties left out */
  readonly flag: number
}

/** Position of what comes after the last round; where that is follows from the job. */
export const END = -1

export class LogColumns {
  readonly #words = new Texts()
  readonly #kind = new Integers()
  readonly #author = new Integers()
  readonly #class = new Integers()
  readonly #peer = new Integers()
  readonly #position = new Integers()
  readonly #flag = new Integers()
  readonly #time: number[] = []
  readonly #bytes: number[] = []

  get length(): number {
    return this.#time.length
  }

  push(row: ColumnRow): void {
    this.#kind.push(this.#words.numberOf(row.kind))
    this.#author.push(this.#words.numberOf(row.author))
    this.#class.push(this.#words.numberOf(row.class))
    this.#peer.push(this.#words.numberOf(row.peer))
    this.#position.push(row.position)
    this.#flag.push(row.flag)
    this.#time.push(row.time)
    this.#bytes.push(row.bytes)
  }

  row(index: number): ColumnRow {
    return {
      kind: this.#words.at(this.#kind.at(index)),
      author: this.#words.at(this.#author.at(index)),
      class: this.#words.at(this.#class.at(index)),
      peer: this.#words.at(this.#peer.at(index)),
      position: this.#position.at(index),
      flag: this.#flag.at(index),
      time: this.#time[index] ?? 0,
      bytes: this.#bytes[index] ?? 0,
    }
  }
}
