/* BEGIN VERIFIER: everything up to END VERIFIER needs only WebCrypto, and runs in Node for the tests too. */
const Verifier = (() => {
  'use strict'
  const NONE = '0'.repeat(64)
  const MAX_PROBLEMS = 1000
  const MAX_LEAF = 262144
  const MAX_LISTED = 500
  const BATCH = 512

  /** Every code with what it means. */
  const CODES = {
    'bundle-malformed': ['the bundle is not in its format', '证据包格式不对'],
    'trust-mismatch': ['the trust bundle in it is not the one that the log was opened with, or has other keys', '包内的信任包不是开启日志时所用的那一份，或其中的公钥不同'],
    'checkpoint-signature': ["the coordinator's signature over the checkpoint is missing or wrong", '检查点上协调方的签名缺失或无效'],
    'cosignature-missing': ['a participant has not cosigned the checkpoint', '有参与方没有会签检查点'],
    'cosignature-invalid': ['a cosignature does not verify', '会签无效'],
    'root-mismatch': ['the records are not those that the checkpoint was signed for', '记录与签名的检查点不是同一份'],
    'size-mismatch': ['more or fewer records than the checkpoint was signed for', '记录条数与检查点不符'],
    'leaf-malformed': ['a record is not in its format', '记录格式不对'],
    'leaf-not-canonical': ['a record is not in canonical form', '记录不是规范形式'],
    'leaf-signature': ["a record does not carry its author's signature", '记录没有其作者的有效签名'],
    'unknown-key': ['a key that nobody published or enrolled', '使用了未登记或未公布的密钥'],
    'author-unknown': ['a party that does not take part', '出现了不是参与方的一方'],
    'author-seq': ['a record of this author is missing', '该作者的记录有缺号'],
    'author-prev': ["a record does not follow its author's last one", '记录与该作者的上一条不衔接'],
    'duplicate-seq': ['two records of this author have one number', '该作者的记录编号重复'],
    'time-backwards': ['time goes backwards', '时间倒退'],
    'job-order': ['a record out of place in its job', '记录不符合作业的先后次序'],
    'round-order': ['a round or message out of order', '轮次或消息次序不对'],
    'round-open-without-close': ['a job succeeded with a round left open', '作业成功但有轮次没有关闭'],
    'sent-without-received': ['a message was sent, and its receiver recorded nothing', '有发送记录而没有接收记录'],
    'received-without-sent': ['a message was received, and its sender recorded nothing', '有接收记录而没有发送记录'],
    'message-mismatch': ['sender and receiver say different things', '收发双方的记录不一致'],
    'released-without-record': ['plain numbers left without a release record', '汇总数外发而没有放行记录'],
    'adder-misused': ['something else than an encrypted update went to the coordinator', '发给协调方的不是加密更新'],
    'approval-missing': ['data left without an approval', '没有授权而外发数据'],
    'approval-after-use': ['an approval was granted after it was used', '先使用后授权'],
    'approval-exceeded': ['the approval did not allow this', '超出授权范围'],
  }

  class Bad extends Error {
    constructor(code, text) { super(text); this.code = code }
  }
  const malformed = (text) => { throw new Bad('leaf-malformed', text) }

  // ---- bytes
  const encode = (text) => new TextEncoder().encode(text)
  const decode = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i])
  function join(...parts) {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) { bytes.set(part, at); at += part.length }
    return bytes
  }
  const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
  /** Strict: padded, and no bits beyond the last byte; else undefined. */
  function base64(text) {
    if (typeof text !== 'string' || !BASE64.test(text)) return undefined
    const binary = atob(text)
    if (text.endsWith('=') && !text.endsWith(btoa(binary.slice(binary.length - (binary.length % 3))))) return undefined
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
    return bytes
  }
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const importKey = (raw) => crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
  /** y of the points of small order, hex; a signature or key with one of them proves nothing, and not every library refuses it */
  const SMALL_ORDER = new Set(['00'.repeat(32), `01${'00'.repeat(31)}`, '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', ...['ec', 'ed', 'ee'].map((low) => `${low}${'ff'.repeat(30)}7f`)])
  const isSmall = (point) => { const y = point.slice(0, 32); y[31] &= 127; return SMALL_ORDER.has(hex(y)) }
  const isKey = (raw) => raw?.length === 32 && !isSmall(raw) && hex(raw.slice().reverse().map((byte, i) => (i === 0 ? byte & 127 : byte))) < `7f${'ff'.repeat(30)}ed`
  const signed = async (key, signature, bytes) => signature.length === 64 && !isSmall(signature) && crypto.subtle.verify('Ed25519', key, signature, bytes)

  // ---- canonical JSON: RFC 8785 of strings, booleans, safe integers, arrays, objects
  function canonical(value, depth = 0) {
    if (depth > 16) malformed('nested too deep')
    if (typeof value === 'string') {
      if (!value.isWellFormed()) malformed('a string is not Unicode')
      if (value.normalize('NFC') !== value) throw new Bad('leaf-not-canonical', 'a string is not in normal form C')
      return JSON.stringify(value)
    }
    if (typeof value === 'boolean') return String(value)
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw new Bad('leaf-not-canonical', 'a number is not a safe integer')
      return String(value)
    }
    if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`
    if (value === null) throw new Bad('leaf-not-canonical', 'null')
    const fields = Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key], depth + 1)}`)
    return `{${fields.join(',')}}`
  }
  function parseCanonical(bytes) {
    let text, value
    try { text = decode(bytes); value = JSON.parse(text) } catch { malformed('no JSON') }
    if (canonical(value) !== text) throw new Bad('leaf-not-canonical', 'not in canonical form')
    return value
  }

  // ---- schemas: a regular expression, a function, [item, min, max, unique] or a closed object of these
  const int = (min, max = Number.MAX_SAFE_INTEGER) => (v) => Number.isSafeInteger(v) && v >= min && v <= max
  const text = (max) => (v) => typeof v === 'string' && v !== '' && [...v].length <= max
  const PARTY = /^[a-z][a-z0-9-]{0,31}$/, STEP = /^[a-z][a-z0-9-]{0,63}$/, CODE = /^[a-z][a-z0-9.-]{0,63}$/
  const HASH = /^[0-9a-f]{64}$/, HASH_OR_NONE = /^([0-9a-f]{64})?$/, KEYID = /^[0-9a-f]{16}$/
  const PARTY_OR_NONE = /^([a-z][a-z0-9-]{0,31})?$/
  const LABEL = text(200), LONG = text(500), ROUND = int(0, 1e6), LIMIT = int(1, 1e9)
  const isTime = (v) => typeof v === 'string' && /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(v) && !Number.isNaN(Date.parse(v)) && new Date(v).toISOString() === v
  const APPROVAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, COLUMN = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
  const COMMON = { v: int(1, 1), collaboration: /^c-[0-9a-f]{20}$/, author: PARTY, seq: int(1), prev: HASH, time: isTime, job: /^[!-~]{0,64}$/ }
  const AT = { task: PARTY, round: ROUND, step: STEP }
  const MESSAGE = { ...AT, from: PARTY, to: PARTY, class: /^(ciphertext|masked-share|psi-points|public-key|released-aggregate|split-sides|control)$/, messages: int(1), bytes: int(0), digest: HASH, keyId: /^([0-9a-f]{8,64})?$/, decryptableBy: [PARTY, 0, 17, true], approval: HASH_OR_NONE, decision: CODE }
  const DOCUMENT_FIELDS = {
    v: int(1, 1), id: /^approval-[0-9a-f]{12}$/, owner: PARTY, dataset: COLUMN, datasetVersion: /^(\*|schema-[0-9a-f]{16})$/,
    columns: (v) => fits(v, [/^\*$/, 1, 1]) || fits(v, [COLUMN, 1, 2000, true]), purpose: LONG, legalBasis: LONG, guest: PARTY,
    counterparties: [PARTY, 0, 17, true], protocols: [{ name: PARTY, version: /^[0-9]{1,4}$/, card: HASH }, 1, 16],
    floors: {
      minIntersection: LIMIT, minBinRows: LIMIT, minLeafRows: LIMIT, minDifference: int(10, 1e9), maxDigits: int(1, 17),
      maxRounds: LIMIT, maxReleasedCells: LIMIT,
    },
    receivers: [PARTY, 1, 17, true],
    validFrom: APPROVAL_TIME, validTo: APPROVAL_TIME, runs: LIMIT, retention: /^P[1-9][0-9]{0,3}[DMY]$/,
  }
  const TREES = { membership: /^(hidden|visible)$/, maxDepth: int(1, 6), maxCells: LIMIT }
  const GROUP = { name: PARTY, members: [PARTY, 3, 15, true] }
  const AVERAGE = {
    minRows: LIMIT, label: (v) => typeof v === 'string' && v.length >= 1 && v.length <= 128,
    maxEpsilon: /^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$/,
  }
  /** the fields that v has, of those that it may leave out */
  const given = (v, fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => v?.[name] !== undefined))
  const DOCUMENT = (v) => fits(v, { ...DOCUMENT_FIELDS, ...given(v, {
    trees: TREES, group: GROUP, average: (a) => fits(a, { minRows: LIMIT, ...given(a, AVERAGE) }),
  }) })
  const KINDS = {
    'collaboration.opened': { federation: /^[a-z][a-z0-9.-]{0,62}$/, participants: [{ party: PARTY, keyid: KEYID }, 1, 64], bundleDigest: HASH },
    'job.proposed': { specDigest: HASH, spec: (v) => typeof v === 'string' && v.length <= 131072 && /^[A-Za-z0-9+/]+={0,2}$/.test(v), parties: [PARTY, 2, 17, true] },
    'job.accepted': { specDigest: HASH, approval: HASH_OR_NONE },
    'approval.granted': { approval: HASH, document: DOCUMENT, signers: [{ person: LABEL, role: CODE, keyid: KEYID, time: isTime }, 2, 8] },
    'approval.revoked': { approval: HASH, person: LABEL, code: CODE },
    'policy.refused': { task: PARTY_OR_NONE, round: ROUND, step: /^([a-z][a-z0-9-]{0,63})?$/, code: CODE, approval: HASH_OR_NONE, decision: CODE },
    'key.published': { task: PARTY, round: ROUND, keyId: /^[0-9a-f]{8,64}$/, purpose: CODE, set: LABEL, publicDigest: HASH },
    'round.opened': { task: PARTY, round: ROUND },
    'msg.sent': MESSAGE,
    'msg.received': MESSAGE,
    'cell.released': { ...AT, what: LABEL, count: /^[0-9]{1,15}(-[0-9]{1,15}|\+)?$/, threshold: int(0), check: /^(passed|refused)$/ },
    'metric.released': { ...AT, name: LABEL, value: /^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?$/ },
    'model.digest': { task: PARTY, round: ROUND, digest: HASH },
    'round.closed': { task: PARTY, round: ROUND, recordDigest: HASH },
    'job.closed': { state: /^(succeeded|failed|cancelled)$/, code: /^([a-z][a-z0-9.-]{0,63})?$/ },
    anomaly: { task: PARTY_OR_NONE, round: ROUND, code: CODE, peer: PARTY_OR_NONE },
    access: { actor: LABEL, role: CODE, object: LABEL, purpose: LABEL, decision: CODE },
    'export.made': { actor: LABEL, size: int(0), root: HASH },
  }
  /** fields that a record of a kind may leave out */
  const OPTIONAL = {
    'round.opened': { leftOut: [{ party: PARTY, reason: CODE }, 1, 16] },
    'round.closed': { voided: (v) => v === true },
  }
  function fits(value, schema) {
    if (schema instanceof RegExp) return typeof value === 'string' && schema.test(value)
    if (typeof schema === 'function') return schema(value)
    if (Array.isArray(schema)) {
      const [item, min, max, unique] = schema
      return Array.isArray(value) && value.length >= min && value.length <= max && value.every((one) => fits(one, item)) && (!unique || new Set(value).size === value.length)
    }
    const keys = Object.keys(schema)
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key) && fits(value[key], schema[key]))
  }

  // ---- one leaf: DSSE envelope, signature, canonical payload, schema
  const ENVELOPE = { payload: BASE64, payloadType: /^[!#-[\]-~]{1,127}$/, signatures: [{ keyid: KEYID, sig: BASE64 }, 1, 1] }
  const canonicalBase64 = (words) => base64(words) ?? (() => { throw new Bad('leaf-not-canonical', 'base64 with bits beyond its last byte') })()
  async function openLeaf(leaf, keys) {
    if (leaf.length > MAX_LEAF) malformed('too long')
    const envelope = parseCanonical(leaf)
    if (!fits(envelope, ENVELOPE)) malformed('no envelope with one signature')
    const { payloadType, signatures: [{ keyid, sig }] } = envelope
    const payload = canonicalBase64(envelope.payload), signature = canonicalBase64(sig)
    if (signature.length !== 64) malformed('a signature has 64 bytes')
    const key = keys.get(keyid)
    if (key === undefined) throw new Bad('unknown-key', `signed with the key ${keyid}, which no participant has`)
    // DSSE: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
    const type = encode(payloadType)
    const statement = join(encode(`DSSEv1 ${type.length} `), type, encode(` ${payload.length} `), payload)
    const fail = (code, words) => { throw Object.assign(new Bad(code, words), { who: key.name }) }
    if (!(await signed(key.key, signature, statement))) fail('leaf-signature', 'the signature does not verify')
    const kind = /^application\/vnd\.tributary\.([a-z.]+)\.v1\+json$/.exec(payloadType)?.[1]
    if (kind === undefined || !Object.hasOwn(KINDS, kind)) fail('leaf-malformed', 'a kind that does not exist')
    let record
    try { record = parseCanonical(payload) } catch (bad) { fail(bad.code, bad.message) }
    if (!fits(record, { ...COMMON, ...KINDS[kind], ...given(record, OPTIONAL[kind] ?? {}) })) fail('leaf-malformed', `not of the schema of ${kind}`)
    if (record.author !== key.name) fail('leaf-signature', `in the name of ${record.author}, signed with the key of ${key.name}`)
    let content = ''
    if (kind === 'approval.granted') content = hex(await sha256(encode(canonical(record.document))))
    if (kind === 'job.proposed') content = hex(await sha256(base64(record.spec) ?? new Uint8Array()))
    return { record: { kind, ...record }, content }
  }
  async function checkLeaf(leaf, keys) {
    const [hash, digest] = await Promise.all([sha256(join(new Uint8Array([0]), leaf)), sha256(leaf)])
    try { return { hash, digest: hex(digest), ...(await openLeaf(leaf, keys)) } } catch (bad) {
      if (!(bad instanceof Bad)) throw bad
      return { hash, digest: hex(digest), problem: { code: bad.code, who: bad.who, text: bad.message } }
    }
  }

  // ---- tree: RFC 6962, level by level; the odd one at the end of a level goes up as it is
  async function rootOf(hashes) {
    if (hashes.length === 0) return sha256(new Uint8Array())
    let level = hashes
    while (level.length > 1) {
      const above = []
      for (let i = 0; i < level.length; i += 2 * BATCH) {
        const pairs = []
        for (let j = i; j < Math.min(i + 2 * BATCH, level.length); j += 2) {
          pairs.push(j + 1 < level.length ? sha256(join(new Uint8Array([1]), level[j], level[j + 1])) : level[j])
        }
        above.push(...(await Promise.all(pairs)))
      }
      level = above
    }
    return level[0]
  }

  // ---- checkpoint: C2SP signed note, log signature and timed cosignatures
  const noteKeyId = async (name, type, key) => (await sha256(join(encode(`${name}\n`), new Uint8Array([type]), key))).slice(0, 4)
  function readNote(bytes) {
    let note
    try { note = decode(bytes) } catch { return undefined }
    const end = note.lastIndexOf('\n\n')
    if (end < 0 || !note.endsWith('\n') || note.length === end + 2) return undefined
    const body = note.slice(0, end + 1)
    const [origin, size, root, ...more] = body.slice(0, -1).split('\n')
    const rootBytes = base64(root)
    if (!origin || more.length > 0 || !/^(0|[1-9][0-9]{0,15})$/.test(size ?? '') || rootBytes?.length !== 32) return undefined
    const signatures = []
    const lines = note.slice(end + 2, -1).split('\n')
    if (lines.length > 256) return undefined
    for (const line of lines) {
      const [, name, blob] = /^\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
      const raw = base64(blob)
      if (raw === undefined || raw.length < 5) return undefined
      signatures.push({ name, id: raw.slice(0, 4), signature: raw.slice(4) })
    }
    return { body, origin, size: Number(size), root: rootBytes, signatures }
  }
  async function readCheckpoint(bytes, { origin, log, parties }, say) {
    const note = readNote(bytes)
    if (note === undefined) { say('checkpoint-signature', undefined, undefined, 'the checkpoint cannot be read'); return undefined }
    if (note.origin !== origin) say('checkpoint-signature', undefined, undefined, `a checkpoint of another log: ${note.origin}`)
    const linesOf = async (name, type, raw) => {
      const id = await noteKeyId(name, type, raw)
      return note.signatures.filter((line) => line.name === name && same(line.id, id))
    }
    const own = await linesOf(origin, 1, log.raw)
    const valid = await Promise.all(own.map(({ signature }) => signed(log.key, signature, encode(note.body))))
    if (valid.length === 0 || valid.includes(false)) say('checkpoint-signature', undefined, undefined, 'the log has not signed this checkpoint')
    const cosigners = []
    for (const { name, raw, key } of parties) {
      const lines = await linesOf(name, 4, raw)
      if (lines.length === 0) { say('cosignature-missing', undefined, name, `${name} has not cosigned`); continue }
      let time, good = true
      for (const { signature } of lines) {
        // an 8-byte time in seconds, then the signature over it and the note
        time = signature.slice(0, 8).reduce((sum, byte) => sum * 256 + byte, 0)
        good &&= signature.length === 72 && Number.isSafeInteger(time) && (await signed(key, signature.slice(8), encode(`cosignature/v1\ntime ${time}\n${note.body}`)))
      }
      if (good) cosigners.push({ name, time })
      else say('cosignature-invalid', undefined, name, `the cosignature of ${name} does not verify`)
    }
    return { size: note.size, root: note.root, cosigners }
  }

  // ---- the rules of a whole log, in the order of its records
  const OF_A_JOB = /^(job|round|msg|cell|metric|model|key)\./
  const WHILE_RUNNING = /^(round|msg|cell|metric|model|key)\./
  const CARRIES_DATA = /^(ciphertext|masked-share|psi-points|released-aggregate|split-sides)$/
  const RELEASED = /^(released-aggregate|split-sides)$/
  /** Name under which the coordinator adds up encrypted updates, in jobs that ask for it. */
  const ADDER = 'coordinator'
  const withAdder = ({ from, to }) => from === ADDER || to === ADDER
  function sectionsOf(specBytes) {
    try { return { ...JSON.parse(decode(specBytes)) } } catch { return {} }
  }
  /** with how many parties rounds of the job go on; undefined where all take part in each */
  function leastOf({ average }) {
    const least = average?.dropout?.leastParties
    return typeof least === 'number' ? least : undefined
  }
  function misuseOfAdder({ kind, task, step, class: name, messages, decryptableBy }) {
    if (task !== 'statistics' && task !== 'average') return `task ${task} has no adder`
    if (name !== 'ciphertext') return `a message of class ${name}`
    if (step !== (kind === 'msg.sent' ? 'update' : 'sum')) return `a step ${step}`
    if (messages !== 1) return `${messages} messages under one label`
    return decryptableBy.includes(ADDER) ? 'said to be able to decrypt' : undefined
  }
  const at = ({ task, round, step }) => `${task}/${round}/${step}`
  function makeRules(collaboration, keyids, say) {
    const names = [...keyids.keys()]
    const authors = new Map(names.map((name) => [name, { seq: 0, prev: NONE, time: '', granted: new Map(), awaited: new Map() }]))
    const jobs = new Map()
    const over = new Set()
    let opened = false

    function chain(i, author, r, digest) {
      if (r.seq <= author.seq) say('duplicate-seq', i, r.author, `record ${r.seq} of ${r.author} was there before`)
      else if (r.seq > author.seq + 1) say('author-seq', i, r.author, `record ${r.seq} of ${r.author} follows its record ${author.seq}`)
      if (r.prev !== author.prev) say('author-prev', i, r.author, `record ${r.seq} does not name the one before`)
      if (r.time < author.time) say('time-backwards', i, r.author, `${r.time} follows ${author.time}`)
      else author.time = r.time
      author.seq = Math.max(author.seq, r.seq)
      author.prev = digest
    }
    function opening(i, r) {
      if (r.kind !== 'collaboration.opened') {
        if (i === 0) say('job-order', i, r.author, 'a log begins with collaboration.opened')
        return
      }
      if (opened) say('job-order', i, r.author, 'the collaboration is opened twice')
      opened = true
      if (r.participants.length !== names.length || !r.participants.every(({ party, keyid }) => keyids.get(party) === keyid)) say('unknown-key', i, r.author, 'the log was opened with other participants or keys')
    }

    // approvals are each author's own: one grants what its own agent may send
    function inForce(i, author, r) {
      const grant = author.granted.get(r.approval)
      if (grant === undefined) {
        if (author.awaited.size >= 10000) say('approval-missing', i, r.author, 'an approval is used that no record granted before')
        else if (!author.awaited.has(r.approval)) author.awaited.set(r.approval, i)
        return undefined
      }
      const { validFrom, validTo } = grant.document
      if (grant.revoked) say('approval-exceeded', i, r.author, 'the approval is revoked')
      if (r.time < validFrom || r.time >= validTo) say('approval-exceeded', i, r.author, `the approval is valid from ${validFrom} to ${validTo}`)
      return grant
    }
    const approvalRules = {
      'approval.granted'(i, author, r, content) {
        if (content !== r.approval || r.document.owner !== r.author) return say('leaf-malformed', i, r.author, `the approval is not of ${r.author}, or has another digest`)
        if (author.awaited.has(r.approval)) {
          say('approval-after-use', author.awaited.get(r.approval), r.author, `an approval is used that is granted only at record ${i}`)
          author.awaited.delete(r.approval)
        }
        if (!author.granted.has(r.approval)) author.granted.set(r.approval, { document: r.document, revoked: false, runs: 0, cells: 0 })
      },
      'approval.revoked'(i, author, r) {
        const grant = author.granted.get(r.approval)
        if (grant === undefined) say('approval-missing', i, r.author, 'an approval is revoked that nobody granted')
        else grant.revoked = true
      },
      'job.accepted'(i, author, r) {
        const grant = r.approval === '' ? undefined : inForce(i, author, r)
        if (grant !== undefined && ++grant.runs > grant.document.runs) say('approval-exceeded', i, r.author, `job ${grant.runs} under an approval of ${grant.document.runs}`)
      },
      'cell.released'(i, author, r) {
        const grant = author.granted.get(jobs.get(r.job)?.standing.get(r.author)?.approval)
        if (r.check !== 'passed' || grant === undefined) return
        const { maxReleasedCells } = grant.document.floors
        if (++grant.cells > maxReleasedCells) say('approval-exceeded', i, r.author, `cell ${grant.cells} under an approval of ${maxReleasedCells}`)
      },
      'msg.sent'(i, author, r) {
        if (r.approval === '') {
          if (CARRIES_DATA.test(r.class)) say('approval-missing', i, r.author, `a message of class ${r.class} names no approval`)
          return
        }
        const grant = inForce(i, author, r)
        if (grant === undefined) return
        const { guest, counterparties, receivers, floors, group } = grant.document
        const isUpdate = r.to === ADDER && r.class === 'ciphertext'
        if (!isUpdate && ![guest, ...counterparties, ...receivers].includes(r.to)) say('approval-exceeded', i, r.author, `the approval does not name the receiver ${r.to}`)
        if (r.step.startsWith('group-') && !group?.members.includes(r.to)) say('approval-exceeded', i, r.author, `step ${r.step} goes to ${r.to}, which is no member of the approved group`)
        // the round after the last training round scores the hold-out rows
        if (r.round > floors.maxRounds) say('approval-exceeded', i, r.author, `round ${r.round} under an approval of ${floors.maxRounds}`)
      },
    }

    const partiesOf = (job) => job.parties ?? names
    const standingOf = (job, name) => {
      if (!job.standing.has(name)) job.standing.set(name, { accepted: false, approval: '', closed: false, task: '', round: -1, open: false, done: new Set(), released: new Set() })
      return job.standing.get(name)
    }
    const roundOf = (job, r) => {
      const key = `${r.task}/${r.round}`
      if (!job.rounds.has(key)) job.rounds.set(key, { sent: new Map(), received: new Map(), closed: new Set(), uses: new Map(), sums: new Map(), leftOut: undefined, voided: undefined, judged: false })
      return job.rounds.get(key)
    }
    /** Has `other` closed what comes before round `r`, for a party that stood at `own`? */
    const isBehind = (other, own, r) => {
      if (other === undefined) return true
      if (other.task === r.task) return other.round < r.round - 1 || (other.round === r.round - 1 && other.open)
      return !(r.round === 0 && !other.open && other.task === own.task && other.round === own.round)
    }
    const jobRules = {
      'job.proposed'(i, job, own, r, content) {
        if (content !== r.specDigest || r.job !== `job-${content.slice(0, 20)}`) say('leaf-malformed', i, r.author, 'job id, digest and specification do not belong together')
        if (job.parties !== undefined) say('job-order', i, r.author, 'proposed twice')
        else if (r.parties[0] !== r.author) say('job-order', i, r.author, 'proposed by another party than its guest')
        const stranger = r.parties.find((party) => !authors.has(party))
        if (stranger !== undefined) say('author-unknown', i, r.author, `${stranger} is no participant of this collaboration`)
        const spec = sectionsOf(base64(r.spec) ?? new Uint8Array())
        if (job.parties === undefined) Object.assign(job, { adder: spec.statistics !== undefined || spec.average !== undefined, least: leastOf(spec) })
        job.parties ??= r.parties
      },
      'job.accepted'(i, job, own, r) {
        if (own.accepted) say('job-order', i, r.author, 'accepted twice')
        if (r.job !== `job-${r.specDigest.slice(0, 20)}`) say('job-order', i, r.author, 'accepted another specification')
        own.accepted = true
        own.approval = r.approval
      },
      'round.opened'(i, job, own, r) {
        const parties = partiesOf(job)
        const left = (r.leftOut ?? []).map(({ party }) => party)
        const here = parties.filter((party) => !left.includes(party)).length
        const allowed = r.task === 'average' && r.round > 0 && here >= (job.least ?? Infinity) && here + left.length === parties.length
        if (left.length > 0 && !allowed) say('round-order', i, r.author, `round ${r.round} of task ${r.task} without ${left.join(', ')}, which the job does not allow`)
        const round = roundOf(job, r)
        round.leftOut ??= left
        if (round.leftOut.join() !== left.join()) say('message-mismatch', i, r.author, `${r.author} opened a round without ${left.join(', ') || 'nobody'}, others without ${round.leftOut.join(', ') || 'nobody'}`)
        const waiting = job.parties === undefined || parties.some((party) => !job.standing.get(party)?.accepted)
        if (waiting) say('job-order', i, r.author, 'round opened before the job was proposed and accepted by all')
        const follows = r.task === own.task ? r.round === own.round + 1 : r.round === 0 && !own.done.has(r.task)
        if (own.open || !follows) say('round-order', i, r.author, `round ${r.round} of task ${r.task} after ${own.round} of ${own.task || 'none'}`)
        else if (!waiting && parties.some((party) => party !== r.author && !left.includes(party) && isBehind(job.standing.get(party), own, r))) say('round-order', i, r.author, `round ${r.round} of task ${r.task} opened before all closed the one before`)
        if (own.task !== '' && own.task !== r.task) own.done.add(own.task)
        Object.assign(own, { task: r.task, round: r.round, open: true })
        own.released.clear()
      },
      'round.closed'(i, job, own, r) {
        if (!own.open || own.task !== r.task || own.round !== r.round) return say('round-order', i, r.author, `round ${r.round} of task ${r.task} closed, which is not open`)
        own.open = false
        const round = roundOf(job, r)
        round.closed.add(r.author)
        const voided = r.voided === true
        if ((round.voided ?? voided) !== voided) say('message-mismatch', i, r.author, `to ${r.author} the round was ${voided ? '' : 'not '}voided, to others it was`)
        round.voided ??= voided
        if (voided && !round.noSum) {
          round.noSum = true
          for (const { sum } of round.sums.values()) if (sum !== undefined) sumOfVoided(sum)
        }
        unpaired(round)
        if (voided && (r.task !== 'average' || r.round === 0 || job.least === undefined)) say('round-order', i, r.author, `round ${r.round} of task ${r.task} is voided, which the job does not allow`)
        if (!round.judged && partiesOf(job).every((party) => round.leftOut?.includes(party) || round.closed.has(party))) {
          round.judged = true
          for (const use of round.uses.values()) judgeKey(job, use)
          if (!round.noSum) for (const sum of round.sums.values()) judgeSum(sum)
        }
        // who was left out records later what it heard
        if (partiesOf(job).every((party) => round.closed.has(party))) job.rounds.delete(`${r.task}/${r.round}`)
      },
      'key.published'(i, job, own, r) {
        const known = job.keys.get(r.keyId)
        if (known === undefined) job.keys.set(r.keyId, r)
        else if (known.author !== r.author || known.publicDigest !== r.publicDigest) say('unknown-key', i, r.author, `key ${r.keyId} is published twice`)
      },
      'cell.released'(i, job, own, r) { if (r.check === 'passed') own.released.add(at(r)) },
      'metric.released'(i, job, own, r) { own.released.add(at(r)) },
      'job.closed'(i, job, own, r) {
        own.closed = true
        if (r.state !== 'succeeded') return
        job.succeeded = true
        if (own.open) say('round-open-without-close', i, r.author, `round ${own.round} of task ${own.task} is not closed`)
      },
      'msg.sent': message,
      'msg.received': message,
    }
    function message(i, job, own, r) {
      const isSent = r.kind === 'msg.sent'
      if ((isSent ? r.from : r.to) !== r.author || r.from === r.to) return say('leaf-malformed', i, r.author, 'a message record is written by the end it is of')
      const isAdded = job.adder && withAdder(r)
      const misuse = isAdded ? misuseOfAdder(r) : undefined
      if (misuse !== undefined) return say('adder-misused', i, r.author, `${r.from} to ${r.to}: ${misuse}`)
      const stranger = [...(isAdded ? [r.author] : [r.from, r.to]), ...r.decryptableBy].find((party) => !partiesOf(job).includes(party))
      if (stranger !== undefined) say('author-unknown', i, r.author, `${stranger} is no party of the job`)
      if (!own.open || own.task !== r.task || own.round !== r.round) say('round-order', i, r.author, `a message of round ${r.round} of task ${r.task}, which is not open`)
      if (isSent && RELEASED.test(r.class) && !own.released.has(at(r))) say('released-without-record', i, r.author, `step ${r.step} carries what was released, and no record released them`)
      const round = roundOf(job, r)
      if (isAdded) return added(i, round, r)
      if (r.keyId !== '') {
        const use = [r.keyId, r.class, ...r.decryptableBy].join()
        if (!round.uses.has(use)) round.uses.set(use, { i, r })
      } else if (r.class === 'ciphertext') say('unknown-key', i, r.author, 'a ciphertext names no key')
      const key = [r.step, r.from, r.to, r.keyId].join()
      const facts = [r.class, r.messages, r.bytes, r.digest, ...r.decryptableBy].join()
      const [mine, theirs] = isSent ? [round.sent, round.received] : [round.received, round.sent]
      const other = theirs.get(key)
      if (other === undefined) {
        if (mine.has(key)) say('message-mismatch', i, r.author, `step ${r.step} from ${r.from} to ${r.to} is recorded twice`)
        else mine.set(key, { i, r, facts })
        return
      }
      theirs.delete(key)
      if (other.facts !== facts) say('message-mismatch', i, r.author, `step ${r.step}: ${r.from} says it sent other bytes than ${r.to} says it received (record ${other.i})`)
    }
    /** The adder writes no records: what is compared is who sent an update under a label, and who got the sum. */
    function added(i, round, r) {
      if (r.keyId === '') return say('unknown-key', i, r.author, 'a ciphertext names no key')
      if (!round.sums.has(r.keyId)) round.sums.set(r.keyId, { updates: new Map(), sum: undefined })
      const label = round.sums.get(r.keyId)
      if (r.kind === 'msg.sent' ? label.updates.has(r.author) : label.sum !== undefined) say('message-mismatch', i, r.author, `step ${r.step} is recorded twice under one label`)
      else if (r.kind === 'msg.sent') label.updates.set(r.author, { i, r })
      else {
        label.sum = { i, r }
        if (round.noSum) sumOfVoided(label.sum)
      }
    }
    function sumOfVoided({ i, r }) { say('message-mismatch', i, r.author, `${r.author} received a sum of a round that was voided`) }
    function judgeSum({ updates, sum }) {
      const isSame = (some, others) => some.length === others.length && some.every((name) => others.includes(name))
      const senders = [...updates.keys()]
      for (const [name, { i, r }] of updates) {
        if (sum === undefined) say('sent-without-received', i, name, `${name} sent an update whose sum nobody received`)
        else if (!isSame(r.decryptableBy, senders.filter((other) => other !== name))) say('message-mismatch', i, name, 'an update is said to hide behind others than those whose updates are in the sum')
      }
      if (sum === undefined) return
      const { i, r } = sum
      if (senders.length === 0) say('received-without-sent', i, r.author, `${r.author} received a sum of no updates`)
      else if (!senders.includes(r.author) || !(isSame(r.decryptableBy, [r.author]) || isSame(r.decryptableBy, senders))) say('message-mismatch', i, r.author, 'a sum is opened by its receiver, who is in it, or by all that are')
    }
    /** What is left of a round once both ends have closed it has no other half. */
    function unpaired(round) {
      for (const [side, code] of [['sent', 'sent-without-received'], ['received', 'received-without-sent']]) {
        for (const [key, { i, r }] of round[side]) {
          if (!round.closed.has(r.from) || !round.closed.has(r.to)) continue
          say(code, i, r.author, `step ${r.step} from ${r.from} to ${r.to} has no record at the other end`)
          round[side].delete(key)
        }
      }
    }
    function judgeKey(job, { i, r }) {
      const owner = job.keys.get(r.keyId)?.author
      if (owner === undefined) say('unknown-key', i, r.author, `key ${r.keyId} is not published`)
      else if (r.class === 'ciphertext' && !r.decryptableBy.includes(owner)) say('message-mismatch', i, r.author, `key ${r.keyId} is of ${owner}, which is not among those said to be able to decrypt`)
    }
    function inJob(i, r, content) {
      if (r.job === '') return say('job-order', i, r.author, `${r.kind} names no job`)
      if (over.has(r.job)) return say('job-order', i, r.author, `${r.kind} of a job that all parties closed`)
      if (!jobs.has(r.job)) jobs.set(r.job, { parties: undefined, adder: false, least: undefined, standing: new Map(), rounds: new Map(), keys: new Map(), succeeded: false })
      const job = jobs.get(r.job)
      const own = standingOf(job, r.author)
      if (own.closed) say('job-order', i, r.author, `${r.kind} after ${r.author} closed the job`)
      if (WHILE_RUNNING.test(r.kind) && !own.accepted) say('job-order', i, r.author, `${r.kind} before ${r.author} accepted`)
      jobRules[r.kind]?.(i, job, own, r, content)
      if (r.kind !== 'job.closed' || !job.parties?.every((party) => job.standing.get(party)?.closed)) return
      finishJob(job)
      jobs.delete(r.job)
      over.add(r.job)
    }
    function finishJob(job) {
      if (!job.succeeded || job.parties === undefined) return
      for (const [name, { open, closed, task, round }] of job.standing) {
        if (open && !closed) say('round-open-without-close', undefined, name, `the job succeeded, and round ${round} of task ${task} is not closed`)
      }
    }
    return {
      add(i, r, digest, content) {
        const author = authors.get(r.author)
        if (author === undefined) return say('author-unknown', i, r.author, `${r.author} is no participant`)
        if (r.collaboration !== collaboration) say('leaf-malformed', i, r.author, `a record of ${r.collaboration}`)
        chain(i, author, r, digest)
        opening(i, r)
        approvalRules[r.kind]?.(i, author, r, content)
        if (OF_A_JOB.test(r.kind)) inJob(i, r, content)
      },
      finish(cosigners) {
        for (const job of jobs.values()) finishJob(job)
        for (const [name, { awaited }] of authors) {
          for (const i of awaited.values()) say('approval-missing', i, name, 'an approval is used that no record grants')
        }
        for (const { name, time } of cosigners) {
          const last = authors.get(name).time
          if (last !== '' && Date.parse(last) > time * 1000 + 2000) say('time-backwards', undefined, name, `${name} cosigned before it wrote its last record`)
        }
      },
    }
  }

  // ---- facts for a person: lists are cut, sums are complete
  function makeFacts() {
    const lists = { approvals: [], revocations: [], refusals: [], anomalies: [], metrics: [], jobs: [] }
    const sums = { sent: new Map(), decryptable: new Map(), thresholds: new Map(), kinds: new Map() }
    const list = (name, item) => { if (lists[name].length < MAX_LISTED) lists[name].push(item) }
    const sum = (name, item, messages = 1, bytes = 0) => {
      const key = JSON.stringify(item)
      const old = sums[name].get(key) ?? { ...item, messages: 0, bytes: 0 }
      if (sums[name].size < 10000 || sums[name].has(key)) sums[name].set(key, { ...old, messages: old.messages + messages, bytes: old.bytes + bytes })
    }
    return {
      add(r) {
        sum('kinds', { kind: r.kind })
        if (r.kind === 'approval.granted') list('approvals', { owner: r.author, approval: r.approval, document: r.document, signers: r.signers })
        else if (r.kind === 'approval.revoked') list('revocations', { owner: r.author, approval: r.approval, person: r.person, time: r.time })
        else if (r.kind === 'policy.refused') list('refusals', { party: r.author, job: r.job, task: r.task, round: r.round, step: r.step, code: r.code, time: r.time })
        else if (r.kind === 'anomaly') list('anomalies', { party: r.author, job: r.job, peer: r.peer, code: r.code, time: r.time })
        else if (r.kind === 'metric.released') list('metrics', { party: r.author, job: r.job, name: r.name, value: r.value })
        else if (r.kind === 'job.closed') list('jobs', { party: r.author, job: r.job, state: r.state, code: r.code, time: r.time })
        else if (r.kind === 'cell.released') sum('thresholds', { party: r.author, what: r.what, count: r.count, threshold: r.threshold, check: r.check })
        else if (r.kind === 'msg.sent') {
          sum('sent', { party: r.from, class: r.class }, r.messages, r.bytes)
          sum('decryptable', { from: r.from, to: r.to, class: r.class, decryptableBy: r.decryptableBy }, r.messages, r.bytes)
        }
      },
      done: () => ({ ...lists, ...Object.fromEntries(Object.entries(sums).map(([name, map]) => [name, [...map.values()]])) }),
    }
  }

  // ---- the bundle: a ustar archive, read in pieces so that its size does not matter
  const wrong = (words) => { throw new Bad('bundle-malformed', words) }
  const FILES = { 'README.txt': 65536, 'about.json': 65536, checkpoint: 131072, 'entries.jsonl': 8 ** 11 - 1, 'keys.json': 65536, 'trust/bundle.yaml': 2097152 }
  /** The only header that a file of this name and size may have. */
  function headerOf(name, size) {
    const block = new Uint8Array(512)
    const put = (at, words) => block.set(encode(words), at)
    const octal = (number, digits) => number.toString(8).padStart(digits, '0')
    for (const [at, words] of [[0, name], [100, '0000644\x000000000\x000000000\0'], [124, `${octal(size, 11)}\0`], [136, '00000000000\0'], [148, '        0'], [257, 'ustar\x0000'], [329, '0000000\x000000000\0']]) put(at, words)
    put(148, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `)
    return block
  }
  async function readArchive(source) {
    const files = new Map()
    const read = async (at, length) => (at + length <= source.size ? source.read(at, length) : wrong('the archive ends too early'))
    let offset = 0, last = ''
    for (;;) {
      const block = await read(offset, 512)
      if (block[0] === 0) break
      const name = new TextDecoder('latin1').decode(block.subarray(0, 100)).replace(/\0[^]*$/, '')
      const size = Number.parseInt(new TextDecoder('latin1').decode(block.subarray(124, 135)), 8)
      const limit = /^trust\/history\/[0-9]{1,6}\.yaml$/.test(name) ? 2097152 : Object.hasOwn(FILES, name) ? FILES[name] : -1
      if (!(size <= limit) || name <= last || !same(block, headerOf(name, size))) wrong('an entry that a bundle does not have')
      const padding = (512 - (size % 512)) % 512
      if ((await read(offset + 512 + size, padding)).some((byte) => byte !== 0)) wrong('bytes between the files')
      files.set(name, { offset: offset + 512, size })
      offset += 512 + size + padding
      last = name
    }
    if (source.size !== offset + 1024 || (await read(offset, 1024)).some((byte) => byte !== 0)) wrong('bytes after the archive')
    for (const name of Object.keys(FILES)) if (!files.has(name)) wrong(`the bundle has no ${name}`)
    return files
  }
  const readSmall = (source, files, name) => source.read(files.get(name).offset, files.get(name).size)
  function parseJson(bytes, name, schema) {
    let value
    try { value = parseCanonical(bytes) } catch (bad) { wrong(`${name}: ${bad.message}`) }
    return fits(value, schema) ? value : wrong(`${name} is not in its format`)
  }
  /** Lines in batches; every line ends with a line feed. */
  async function* batchesOf(source, { offset, size }, pieceBytes = 1 << 22) {
    let rest = '', batch = []
    for (let done = 0; done < size; done += pieceBytes) {
      const piece = await source.read(offset + done, Math.min(pieceBytes, size - done))
      const lines = (rest + new TextDecoder('latin1').decode(piece)).split('\n')
      rest = lines.pop()
      if (rest.length > MAX_LEAF * 2) wrong('a line of entries.jsonl is too long')
      for (const line of lines) {
        batch.push(line)
        if (batch.length === BATCH) { yield batch; batch = [] }
      }
    }
    if (rest !== '') wrong('entries.jsonl ends within a line')
    if (batch.length > 0) yield batch
  }
  const COMMON_ABOUT = { v: int(1, 1), collaboration: /^c-[0-9a-f]{20}$/, job: COMMON.job, madeAt: APPROVAL_TIME, madeBy: PARTY }
  /** Names and keys to verify with. The person must know that they are the right ones: they are shown. */
  async function readKeys(source, files) {
    const KEY = (v) => isKey(base64(v))
    const FEDERATION = KINDS['collaboration.opened'].federation
    const stated = parseJson(await readSmall(source, files, 'keys.json'), 'keys.json', { v: int(1, 1), origin: text(255), log: KEY, parties: [{ party: PARTY, signingKey: KEY }, 1, 64] })
    const about = parseJson(await readSmall(source, files, 'about.json'), 'about.json', { ...COMMON_ABOUT, federation: FEDERATION })
    const { federation, collaboration } = about
    if (stated.origin !== `tributary/${federation}/${collaboration}`) wrong('about.json is of another log')
    const load = async (name, words) => {
      const raw = base64(words)
      return { name, raw, key: await importKey(raw), fingerprint: hex(await sha256(raw)) }
    }
    const parties = await Promise.all(stated.parties.map(({ party, signingKey }) => load(party, signingKey)))
    if (new Set(parties.map(({ name }) => name)).size < parties.length || new Set(parties.map(({ fingerprint }) => fingerprint.slice(0, 16))).size < parties.length) wrong('keys.json names a party or key twice')
    const names = parties.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1))
    if (collaboration !== `c-${hex(await sha256(encode(canonical({ federation, parties: names })))).slice(0, 20)}`) wrong('the origin is not that of these participants')
    return { collaboration, origin: stated.origin, log: await load('log', stated.log), parties }
  }

  const PEM = (v) => typeof v === 'string' && [...v].length <= 8192, KEY64 = /^[A-Za-z0-9+/]{43}=$/
  const EDITION = { version: int(1, 1), federation: /^[a-z][a-z0-9.-]{0,62}$/, edition: int(1, 1e6), previous: HASH, coordinator: { rootPem: PEM, logKey: KEY64 }, parties: [{ party: PARTY, rootPem: PEM, signingKey: KEY64 }, 1, 256] }
  /** The trust bundle: what the log was opened with, with the keys used here, and the editions before it follow each other. */
  async function checkTrust(source, files, { origin, log, parties }, openedWith, say) {
    const numbers = [...files.keys()].flatMap((name) => /^trust\/history\/([0-9]+)\.yaml$/.exec(name)?.[1] ?? []).sort((a, b) => a - b)
    const editions = []
    for (const name of [...numbers.map((number) => `trust/history/${number}.yaml`), 'trust/bundle.yaml']) {
      const edition = parseJson(await readSmall(source, files, name), name, EDITION)
      const members = edition.parties.map(({ party, rootPem, signingKey }) => [party, rootPem, signingKey]).sort(([a], [b]) => (a < b ? -1 : 1))
      if (new Set(members.map(([party]) => party)).size < members.length) wrong(`${name} names a party twice`)
      const { federation, edition: number, previous, coordinator: { rootPem, logKey } } = edition
      const digest = hex(await sha256(encode(JSON.stringify(['tributary/trust-bundle/v1', federation, number, previous, rootPem, members, logKey]))))
      editions.push({ ...edition, digest })
    }
    for (const [i, number] of numbers.entries()) {
      const [own, next] = [editions[i], editions[i + 1]]
      if (own.edition !== Number(number) || next.edition !== own.edition + 1 || next.previous !== own.digest) say('trust-mismatch', undefined, undefined, `edition ${number} is not the one before the next`)
    }
    const opened = editions.at(-1)
    if (openedWith !== undefined && opened.digest !== openedWith) return say('trust-mismatch', undefined, undefined, 'the log was opened with another trust bundle')
    const isOther = (text, { raw }) => text === undefined || !same(base64(text) ?? [], raw)
    if (!origin.startsWith(`tributary/${opened.federation}/`)) say('trust-mismatch', undefined, undefined, 'a trust bundle of another federation')
    if (isOther(opened.coordinator.logKey, log)) say('trust-mismatch', undefined, undefined, 'the log key is not that of the trust bundle')
    for (const party of parties)
      if (isOther(opened.parties.find((member) => member.party === party.name)?.signingKey, party)) say('trust-mismatch', undefined, party.name, `the key of ${party.name} is not that of the trust bundle`)
  }

  /**
   * @param source {size, read(offset, length) → Promise<Uint8Array>}
   * @param onProgress called with records checked and the part of the bundle read, 0 to 1
   * @returns {ok, problems: [{code, index?, who?, text}], problemCount, facts}
   */
  async function verifyBundle(source, onProgress = () => {}) {
    const problems = []
    let problemCount = 0
    const say = (code, index, who, words) => {
      problemCount += 1
      if (problems.length < MAX_PROBLEMS) problems.push({ code, ...(index === undefined ? {} : { index }), ...(who === undefined ? {} : { who }), text: words })
    }
    const facts = { origin: '', size: 0, root: '', cosigners: [], participants: [], ...makeFacts().done() }
    try { await verifyParts(source, facts, say, onProgress) } catch (bad) {
      if (!(bad instanceof Bad)) throw bad
      problems.length = problemCount = 0 // what is no bundle has no other problem
      say(bad.code, undefined, bad.who, bad.message)
    }
    return { ok: problemCount === 0, problems, problemCount, facts }
  }
  async function verifyParts(source, facts, say, onProgress) {
    const files = await readArchive(source)
    const identity = await readKeys(source, files)
    const { origin, collaboration, log, parties } = identity
    facts.origin = origin
    facts.participants = [...parties, log].map(({ name, fingerprint }) => ({ name, fingerprint }))
    const checkpoint = await readCheckpoint(await readSmall(source, files, 'checkpoint'), identity, say)
    facts.cosigners = checkpoint?.cosigners ?? []
    const entries = files.get('entries.jsonl')
    const keys = new Map(parties.map((party) => [party.fingerprint.slice(0, 16), party]))
    const rules = makeRules(collaboration, new Map(parties.map(({ name, fingerprint }) => [name, fingerprint.slice(0, 16)])), say)
    const found = makeFacts()
    const hashes = []
    let bytes = 0
    let openedWith
    try {
      for await (const lines of batchesOf(source, entries)) {
        const leaves = lines.map((line) => base64(line) ?? wrong('a line of entries.jsonl is no base64'))
        for (const { hash, digest, record, content, problem } of await Promise.all(leaves.map((leaf) => checkLeaf(leaf, keys)))) {
          const index = hashes.push(hash) - 1
          if (problem !== undefined) { say(problem.code, index, problem.who, problem.text); continue }
          rules.add(index, record, digest, content)
          found.add(record)
          if (record.kind === 'collaboration.opened') openedWith ??= record.bundleDigest
        }
        bytes += lines.reduce((sum, line) => sum + line.length + 1, 0)
        onProgress(hashes.length, bytes / entries.size)
      }
    } finally { Object.assign(facts, found.done(), { size: hashes.length }) }
    const root = await rootOf(hashes)
    facts.root = hex(root)
    if (checkpoint !== undefined) {
      if (checkpoint.size !== hashes.length) say('size-mismatch', undefined, undefined, `the checkpoint has ${checkpoint.size} records, the log ${hashes.length}`)
      if (checkpoint.size <= hashes.length && !same(checkpoint.size === hashes.length ? root : await rootOf(hashes.slice(0, checkpoint.size)), checkpoint.root)) say('root-mismatch', undefined, undefined, `the first ${checkpoint.size} records have another root`)
    }
    rules.finish(facts.cosigners)
    await checkTrust(source, files, identity, openedWith, say)
  }
  return { verifyBundle, CODES, NONE }
})()
/* END VERIFIER */
export { Verifier }
