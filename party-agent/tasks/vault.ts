// Secrets and choices of a task that must be the same after a restart: each in its own file, encrypted and on disk
// before it is used. A mask drawn twice would be a second answer about the same rows.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskVault } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, syncDirectory, writeDurably } from '#runtime/files.ts'
import { Secret } from '#runtime/secret.ts'
import { type SpaceWaiter, withoutWaiting } from './disk-space.ts'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SEED_BYTES = 32

/** The vault of one task, or of a job as a whole. File = version (1) · nonce (12) · tag (16) · AES-256-GCM. */
export class DiskVault implements TaskVault {
  readonly #folder: string
  readonly #key: Secret
  readonly #waitForSpace: SpaceWaiter
  readonly #draw: (bytes: number) => Uint8Array
  readonly #made = new Map<string, Promise<Uint8Array>>()

  private constructor(folder: string, key: Secret, waitForSpace: SpaceWaiter, draw: (bytes: number) => Uint8Array) {
    this.#folder = folder
    this.#key = key
    this.#waitForSpace = waitForSpace
    this.#draw = draw
  }

  /**
   * @param jobFolder the vault lives in `vault/<scope>/` in it
   * @param scope name of the task, or 'job'
   * @param draw where seeds come from; tests give others
   */
  static async open(
    storageKey: Secret,
    jobFolder: string,
    job: string,
    scope: string,
    waitForSpace: SpaceWaiter = withoutWaiting,
    draw: (bytes: number) => Uint8Array = randomBytes,
  ): Promise<DiskVault> {
    const folder = join(jobFolder, 'vault', scope)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await syncDirectory(join(jobFolder, 'vault'))
    const info = `tributary/vault/v1\0${job}\0${scope}`
    const key = storageKey.reveal((bytes) => new Uint8Array(hkdfSync('sha256', bytes, new Uint8Array(), info, 32)))
    return new DiskVault(folder, new Secret('vault-key', key), waitForSpace, draw)
  }

  async seed(label: string): Promise<Secret> {
    const bytes = await this.#entry(`seed/${label}`, async () => new Uint8Array(this.#draw(SEED_BYTES)))
    return new Secret(label, Uint8Array.from(bytes))
  }

  async once(label: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return Uint8Array.from(await this.#entry(`once/${label}`, make))
  }

  #entry(label: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    let made = this.#made.get(label)
    if (made === undefined) {
      made = this.#readOrMake(label, make)
      this.#made.set(label, made)
      made.catch(() => this.#made.delete(label)) // a full disk may have space again at the next try
    }
    return made
  }

  async #readOrMake(label: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const path = join(this.#folder, `${createHash('sha256').update(label).digest('hex').slice(0, 32)}.bin`)
    const stored = await readIfPresent(path)
    if (stored !== undefined) return this.#open(label, path, stored)
    const bytes = await make()
    const sealed = this.#seal(label, bytes)
    await this.#waitForSpace(() => writeDurably(path, sealed))
    return bytes
  }

  #seal(label: string, bytes: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES)
    return this.#key.reveal((key) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(label))
      const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed])
    })
  }

  #open(label: string, path: string, stored: Uint8Array): Uint8Array {
    const bodyAt = 1 + NONCE_BYTES + TAG_BYTES
    try {
      if (stored[0] !== VERSION || stored.length < bodyAt) throw new Error('not a vault file')
      return this.#key.reveal((key) => {
        const decipher = createDecipheriv('aes-256-gcm', key, stored.subarray(1, 1 + NONCE_BYTES))
          .setAAD(Buffer.from(label))
          .setAuthTag(stored.subarray(1 + NONCE_BYTES, bodyAt))
        return new Uint8Array(Buffer.concat([decipher.update(stored.subarray(bodyAt)), decipher.final()]))
      })
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file: path }, cause)
    }
  }
}

/** Deletes all vaults of a job. Without them nothing that was masked or sealed in the job can be opened here again. */
export async function destroyVaults(jobFolder: string): Promise<void> {
  await rm(join(jobFolder, 'vault'), { recursive: true, force: true })
}
