// The configuration files that `tributary init` writes: short, commented, valid as they are.

export function agentTemplate(facts: { readonly party: string; readonly coordinator: string }): string {
  return `# Agent of ${facts.party}. Paths are relative to this file. \`tributary doctor --config agent.yaml\` checks it all.
home: .
coordinator: ${facts.coordinator}
# who is in the federation; made with \`tributary trust\` from the cards of all parties
trustBundle: trust.yaml
# passphraseFile: /run/secrets/tributary     # or set TRIBUTARY_PASSPHRASE
logLevel: info

# Pages for the people of this party, at this address of this machine; people are added with \`tributary keys person add\`.
# console: { listen: 127.0.0.1:8080 }

# What this party offers. Nothing leaves this machine but names and column lists; the policy below decides who may use it.
datasets: {}
#  filings:
#    source: { csv: data/filings.csv }        # or { parquet: … } or { sql: "SELECT … FROM '…'" }
#    ids: { column: uscc, kind: uscc }        # uscc, id-card, mobile or plain
#    columns: all                             # or [sales, late_filings]
#    # label: { column: y }                   # only at the party whose label it is
#    # missing: { default: mean, values: ["", "NA", -999], columns: { late_filings: zero } }

# People of this party sign what jobs may do: a steward and a compliance officer. See \`tributary approve --help\`.
approvals:
  ownJobs: approved                          # allowed: jobs that this party submits need no approval for its own data

# Which jobs may use it at all. Everything that is not allowed here is refused.
policy:
  jobs: []
#    - guest: bank
#      protocols: [psi, profile, binning-iv, vertical-lr, secureboost]
#      datasets: { filings: { columns: all } }
#      peers: any                             # or a list of the parties that may take part
#      minIntersection: 1000
`
}

export function coordinatorTemplate(facts: { readonly listen: string }): string {
  return `# Coordinator. It schedules and relays; it holds no key that decrypts. Paths are relative to this file.
home: .
listen: ${facts.listen}
# who is in the federation; made with \`tributary trust\` from the cards of all parties
trustBundle: trust.yaml
# passphraseFile: /run/secrets/tributary     # or set TRIBUTARY_PASSPHRASE
logLevel: info

# Pages for those who run the federation, at this address of this machine; people are added with
# \`tributary keys person add\`: operator, compliance, auditor.
# console: { listen: 127.0.0.1:8080 }
`
}
