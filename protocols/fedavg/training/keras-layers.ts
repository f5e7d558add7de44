// The outer form of Keras-style JSON: Sequential and Functional files as one list of layers with checked settings.
import { PlatformError } from '#runtime/errors.ts'
import { TRAINING_LIMITS } from './types.ts'

type Json = Readonly<Record<string, unknown>>

export interface JsonLayer {
  readonly name: string
  readonly className: string
  readonly config: Json
  /** names of its inputs as a Functional file has them; undefined: `inputs` says it */
  readonly nodes: unknown
  readonly inputs: readonly string[] | undefined
}

/** Settings that change what is minimised or what is kept, wherever they stand. */
const EMPTY_SETTINGS = /_(regularizer|constraint)$/
const MOST_LAYERS = 64
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.\-/ ]{0,63}$/

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function refuseFile(problem: string): never {
  throw new PlatformError('average.layer', { layer: 'the file', problem })
}

export function refuseLayer({ name, className }: Pick<JsonLayer, 'name' | 'className'>, problem: string): never {
  throw new PlatformError('average.layer', { layer: name, class: className, problem })
}

/** All layers in order, an input layer first, and the name of the output. @throws average.layer */
export function layersOf(json: string): { layers: JsonLayer[]; output: string } {
  const file = parsed(json)
  const config = file['config']
  const listed = Array.isArray(config) ? config : isObject(config) ? config['layers'] : undefined
  if (!Array.isArray(listed) || listed.length === 0) refuseFile('has no layers')
  if (listed.length > MOST_LAYERS) refuseFile(`has ${listed.length} layers, at most ${MOST_LAYERS}`)
  const layers = listed.map(layerOf)
  const kind = file['class_name']
  if (kind === 'Sequential') {
    const chain = withInput(layers).map((layer, i, all): JsonLayer => {
      return { ...layer, nodes: undefined, inputs: i === 0 ? [] : [all[i - 1]!.name] }
    })
    return { layers: chain, output: chain.at(-1)!.name }
  }
  if (kind !== 'Functional' && kind !== 'Model') refuseFile('is neither Sequential nor Functional')
  return { layers, output: outputOf(isObject(config) ? config['output_layers'] : undefined) }
}

function parsed(json: string): Json {
  let file: unknown
  try {
    file = JSON.parse(json)
  } catch (thrown) {
    throw new PlatformError('average.layer', { layer: 'the file', problem: 'is not JSON' }, thrown)
  }
  if (isObject(file) && isObject(file['modelTopology'])) file = file['modelTopology']
  if (isObject(file) && isObject(file['model_config'])) file = file['model_config']
  return isObject(file) ? file : refuseFile('is no object')
}

function layerOf(value: unknown, index: number): JsonLayer {
  if (!isObject(value) || !isObject(value['config'])) return refuseFile(`layer ${index + 1} has no settings`)
  const { class_name: className, config } = value
  const name = (config as Json)['name'] ?? value['name']
  if (typeof className !== 'string' || !NAME.test(className)) return refuseFile(`layer ${index + 1} has no class`)
  if (typeof name !== 'string' || !NAME.test(name)) return refuseFile(`layer ${index + 1} has no name`)
  return { name, className, config: config as Json, nodes: value['inbound_nodes'], inputs: undefined }
}

/** Sequential files may leave the input layer to the shape of the first one. */
function withInput(layers: readonly JsonLayer[]): readonly JsonLayer[] {
  const first = layers[0]!
  if (first.className === 'InputLayer') return layers
  const { batch_input_shape, batch_shape } = first.config
  const config = { batch_input_shape, batch_shape }
  return [{ ...first, name: `${first.name} input`, className: 'InputLayer', config }, ...layers]
}

/** [["name", 0, 0]] or ["name", 0, 0] */
function outputOf(value: unknown): string {
  const outputs: unknown[] = Array.isArray(value) ? value : []
  if (outputs.length > 1 && Array.isArray(outputs[0])) refuseFile('has more than one output')
  const name: unknown = Array.isArray(outputs[0]) ? outputs[0][0] : outputs[0]
  return typeof name === 'string' ? name : refuseFile('has no output')
}

/** Names of a layer's inputs: of its one call, [[["name", 0, 0, {}], …]]. @throws average.layer */
export function inboundOf(layer: JsonLayer): readonly string[] {
  if (layer.inputs !== undefined) return layer.inputs
  const calls: unknown[] = Array.isArray(layer.nodes) ? layer.nodes : []
  if (calls.length === 0) return []
  if (calls.length > 1) return refuseLayer(layer, 'is used more than once')
  if (!Array.isArray(calls[0]))
    return refuseLayer(layer, 'has inputs in the form of Keras 3; write the file with Keras 2')
  return calls[0].map((input: unknown) => {
    const name: unknown = Array.isArray(input) ? input[0] : undefined
    return typeof name === 'string' ? name : refuseLayer(layer, 'has an input without a name')
  })
}

/** Settings of a layer, each with its range. All throw average.layer. */
export interface LayerConfig {
  /** of an input layer: k of its shape [rows, k] */
  inputWidth(): number
  whole(key: string, least: number, most: number): number
  real(key: string, least: number, most: number, otherwise: number): number
  flag(key: string, otherwise: boolean): boolean
  word<W extends string>(key: string, known: readonly W[]): W
}

export function configOf(layer: JsonLayer): LayerConfig {
  const { config } = layer
  refuseForeignSettings(layer)
  const number = (key: string, value: unknown, least: number, most: number): number => {
    const fits = typeof value === 'number' && value >= least && value <= most
    return fits ? value : refuseLayer(layer, `${key} is not from ${least} to ${most}`)
  }
  const whole = (key: string, value: unknown, least: number, most: number): number =>
    Number.isInteger(value) ? number(key, value, least, most) : refuseLayer(layer, `${key} is no whole number`)
  return {
    inputWidth: () => {
      const shape = config['batch_input_shape'] ?? config['batch_shape']
      if (!Array.isArray(shape) || shape.length !== 2)
        return refuseLayer(layer, 'its input shape is not [null, columns]')
      return whole('columns', shape[1], 1, 2 * TRAINING_LIMITS.inputs)
    },
    whole: (key, least, most) => whole(key, config[key], least, most),
    real: (key, least, most, otherwise) => number(key, config[key] ?? otherwise, least, most),
    flag: (key, otherwise) => {
      const value = config[key] ?? otherwise
      return typeof value === 'boolean' ? value : refuseLayer(layer, `${key} is neither true nor false`)
    },
    word: (key, known) =>
      known.find((word) => word === (config[key] ?? 'linear')) ??
      refuseLayer(layer, `${key} is not one of ${known.join(', ')}`),
  }
}

/** What would be dropped in silence is refused: penalties, limits on weights, frozen layers, clipped or masked values. */
function refuseForeignSettings(layer: JsonLayer): void {
  for (const [key, value] of Object.entries(layer.config)) {
    if (value === null || value === undefined) continue
    if (EMPTY_SETTINGS.test(key)) refuseLayer(layer, `${key} is not taken over; use decay of the settings`)
    if (key === 'trainable' && value !== true) refuseLayer(layer, 'is frozen')
    if (key === 'mask_zero' && value !== false) refuseLayer(layer, 'masks values')
    if (/^(max_value|negative_slope|threshold)$/.test(key) && value !== 0) refuseLayer(layer, `${key} is not known`)
    if (key === 'axis' && !isLastAxis(value)) refuseLayer(layer, 'works along another axis than the last')
  }
}

function isLastAxis(value: unknown): boolean {
  const axis: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return axis === -1 || axis === 1
}
