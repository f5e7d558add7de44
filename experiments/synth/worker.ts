// One thread of the generator.
import { makeChunk } from './chunk.ts'

export default makeChunk
