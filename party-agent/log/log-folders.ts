// Where the round logs of a party are: <home>/log/<collaboration>, one folder each.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'

/** Participants of the logs that are on disk. @throws PlatformError storage.damaged */
export function collaborationsIn(home: string): (readonly string[])[] {
  return logFolders(home).flatMap((folder) => {
    using store = new MirrorStore(join(folder, MIRROR_FILE))
    const about = store.about()
    return about === undefined ? [] : [about.parties]
  })
}

/** Folders of <home>/log that hold a log. */
export function logFolders(home: string): string[] {
  try {
    const names = readdirSync(join(home, 'log'), { withFileTypes: true })
    return names
      .filter((entry) => entry.isDirectory() && /^c-[0-9a-f]{20}$/.test(entry.name))
      .map(({ name }) => join(home, 'log', name))
      .filter((folder) => existsSync(join(folder, MIRROR_FILE)))
      .sort()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
}
