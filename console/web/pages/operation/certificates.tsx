// Certificates with what needs doing, and the trust bundle: edition, signers, what is under way.
import type { Trust } from '#console/api/coordinator.ts'
import { useAsked, usePaged } from '../../client.ts'
import { Count, Digest, Party, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Empty, Note, State, type Tone } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { CertificateTable } from './certificate-table.tsx'
import { coordinator, from, LOOK_AGAIN_MS } from './coordinator-client.ts'

const words = dictionary({
  title: ['Certificates and trust', '证书与信任'],
  known: ['Certificates', '证书'],
  knownLead: [
    'The first to end first. Those of agents are known from their connections since the coordinator started.',
    '按到期先后排列。代理证书取自协调方启动以来的连接。',
  ],
  look: ['{n} {n|certificate needs|certificates need} somebody to look', '{n} 张证书需要处理'],
  lookMend: [
    'A certificate of an agent or server renews itself at two thirds of its life. In its last tenth it has not: look at the clock of that machine, and at its log for `certificate.not-renewed`. For an ending root, the party makes a new home, and all parties sign a new trust bundle.',
    '代理与服务端证书在有效期过三分之二时自动续期；若已进入最后十分之一，说明续期未成功：请检查该机器的时钟，并在其日志中查找 `certificate.not-renewed`。根证书到期时，该方需建立新的工作目录，并由各方签署新的信任清单。',
  ],
  bundle: ['Trust bundle', '信任清单'],
  edition: ['Edition', '版本'],
  digest: ['Digest', '摘要'],
  parties: ['Parties', '参与方'],
  signers: ['Signed by', '签署方'],
  file: ['nobody: it was handed round as a file', '无：以文件形式分发'],
  founders: ['Founders not joined yet', '尚未加入的发起方'],
  proposal: ['Proposed next edition', '拟议的下一版本'],
  proposed: [
    'edition {n}: {joins} would join; signed by {signed} of {needed}',
    '第 {n} 版：{joins} 拟加入；已签 {signed} / {needed}',
  ],
  missing: ['not signed by the new party: {names}', '新成员尚未签署：{names}'],
  since: ['open since', '提出于'],
  revocations: ['Revocations', '吊销'],
  noRevocations: ['Nothing is revoked, and nothing waits to be.', '无已生效或待生效的吊销。'],
  invitations: ['Invitations', '邀请'],
  noInvitations: ['No invitation was made here.', '此处未发出邀请。'],
  party: ['Party', '参与方'],
  state: ['State', '状态'],
  'in-force': ['in force', '已生效'],
  pending: ['waits for signatures', '等待签署'],
  what: ['What', '内容'],
  whole: ['the whole party', '整个参与方'],
  some: ['{n} {n|certificate|certificates}', '{n} 张证书'],
  signed: ['Signed by', '签署方'],
  needed: ['{names} ({n} needed)', '{names}（需 {n} 方）'],
  open: ['open', '有效'],
  used: ['used', '已使用'],
  expired: ['expired', '已过期'],
  exhausted: ['used up by wrong tokens', '因错误口令失效'],
  expires: ['Expires', '到期'],
  tries: ['Wrong tries', '错误次数'],
})

const INVITATION_TONES: Readonly<Record<Trust['invitations'][number]['state'], Tone>> = {
  open: 'busy',
  used: 'good',
  expired: 'plain',
  exhausted: 'bad',
}

export default function Certificates() {
  const t = useWords(words)
  const list = usePaged(['coordinator', 'certificates'], (after, signal) =>
    coordinator.certificates({ query: from(after) }, { signal }),
  )
  const trust = useAsked(['coordinator', 'trust'], (signal) => coordinator.trust({}, { signal }), {
    every: 2 * LOOK_AGAIN_MS,
  })
  return (
    <Page title={t('title')}>
      <Section title={t('known')} lead={t('knownLead')}>
        <Answer of={list}>
          {(rows) => {
            const bad = rows.filter(({ state }) => state !== 'good' && state !== 'renewal-due').length
            return (
              <>
                {bad === 0 ? null : (
                  <Note tone="wait" title={t('look', { n: bad })}>
                    <p>{t('lookMend')}</p>
                  </Note>
                )}
                <CertificateTable label={t('known')} rows={rows} now={Date.now()} more={list.more} />
              </>
            )
          }}
        </Answer>
      </Section>
      <Answer of={trust}>{(data) => <TrustView of={data} />}</Answer>
    </Page>
  )
}

function TrustView({ of }: { readonly of: Trust }) {
  const t = useWords(words)
  return (
    <>
      <Section title={t('bundle')}>
        <Facts
          of={[
            [t('edition'), <Count key="edition" value={of.edition} />],
            [t('digest'), <Digest key="digest" value={of.digest} />],
            [t('parties'), of.parties.join(', ') || '–'],
            [t('signers'), of.signers.join(', ') || t('file')],
            [t('founders'), of.waitingFor.length === 0 ? undefined : of.waitingFor.join(', ')],
            [t('proposal'), of.proposal === undefined ? undefined : <Proposal key="proposal" of={of.proposal} />],
          ]}
        />
      </Section>
      <Section title={t('revocations')}>
        <Revocations of={of.revocations} />
      </Section>
      <Section title={t('invitations')}>
        <Table
          label={t('invitations')}
          rows={of.invitations}
          rowId={({ party, expires }) => `${party} ${expires}`}
          empty={<Empty title={t('noInvitations')} />}
          columns={[
            { id: 'party', title: t('party'), cell: (row) => <Party name={row.party} />, order: (row) => row.party },
            {
              id: 'state',
              title: t('state'),
              cell: ({ state }) => <State tone={INVITATION_TONES[state]}>{t(state)}</State>,
              order: ({ state }) => state,
            },
            {
              id: 'expires',
              title: t('expires'),
              cell: (row) => <Time at={row.expires} />,
              order: (row) => row.expires,
            },
            { id: 'tries', title: t('tries'), align: 'end', cell: (row) => <Count value={row.tries} /> },
          ]}
        />
      </Section>
    </>
  )
}

function Proposal({ of }: { readonly of: NonNullable<Trust['proposal']> }) {
  const t = useWords(words)
  const { edition, joins, signed, needed, missing, openedAt } = of
  return (
    <>
      <State tone="wait">
        {t('proposed', { n: edition, joins: joins.join(', ') || '–', signed: signed.length, needed })}
      </State>{' '}
      {missing.length === 0 ? null : t('missing', { names: missing.join(', ') })}{' '}
      {openedAt === '' ? null : (
        <>
          {t('since')} <Time at={openedAt} />
        </>
      )}
    </>
  )
}

function Revocations({ of }: { readonly of: Trust['revocations'] }) {
  const t = useWords(words)
  return (
    <Table
      label={t('revocations')}
      rows={of}
      rowId={({ party, state }) => `${party} ${state}`}
      empty={<Empty title={t('noRevocations')} />}
      mark={({ state }) => (state === 'pending' ? 'wait' : 'bad')}
      columns={[
        { id: 'party', title: t('party'), cell: (row) => <Party name={row.party} /> },
        {
          id: 'state',
          title: t('state'),
          cell: ({ state }) => <State tone={state === 'pending' ? 'wait' : 'bad'}>{t(state)}</State>,
        },
        {
          id: 'what',
          title: t('what'),
          cell: (row) => (row.wholeParty ? t('whole') : t('some', { n: row.certificates })),
        },
        {
          id: 'signed',
          title: t('signed'),
          cell: (row) => t('needed', { names: row.signed.join(', ') || '–', n: row.needed }),
        },
      ]}
    />
  )
}
