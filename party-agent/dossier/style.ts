// Style of the dossier: made for A4 paper first, and for a screen too.

export const STYLE = `
@page { size: A4; margin: 10mm 13mm }
* { box-sizing: border-box }
body { font: 9.5pt/1.4 "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; color: #18202b; max-width: 200mm; margin: 0 auto; padding: 6mm }
h1 { font-size: 15pt; margin: 0 } h2 { font-size: 10.5pt; margin: 3.2mm 0 1mm; border-bottom: 1pt solid #2a6f97; color: #1d4e6b } h3 { font-size: 9.5pt; margin: 3mm 0 1mm }
table { border-collapse: collapse; width: 100% } thead { display: table-header-group } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: .6mm 2mm .6mm 0; border-bottom: .4pt solid #d5dae2; overflow-wrap: break-word }
th { color: #45526a; font-weight: 600 } tr > th:first-child { white-space: nowrap } .right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
code { overflow-wrap: anywhere; font: 8pt/1.3 "DejaVu Sans Mono", Consolas, monospace }
.sub { color: #45526a; font-size: 8.5pt; margin: .8mm 0 } .none { color: #6b7688; margin: .5mm 0 }
.verdict { font-size: 11pt; font-weight: 600; padding: 2mm 3mm; border-radius: 1.5mm; margin: 2mm 0 } .good { background: #e2f4e6; color: #11511f } .bad { color: #8d1a10 } .verdict.bad { background: #fde5e3 }
.line { white-space: nowrap }
.two { display: grid; grid-template-columns: 2fr 3fr; gap: 6mm }
.problems { margin: 1mm 0; padding-left: 5mm }
svg { width: 100%; height: auto; font: 13px sans-serif } svg .tick { fill: #45526a; font-size: 12px }
section { break-before: page } section.first { break-before: auto }
h2, h3 { break-after: avoid }
@media print { body { padding: 0; max-width: none; font-size: 7.8pt; line-height: 1.25 } code { font-size: 6.9pt } h1 { font-size: 13pt } h2 { font-size: 8.6pt; margin: 1.5mm 0 .5mm } .sub { font-size: 7.2pt } th, td { padding: .2mm 1.6mm .2mm 0 } .verdict { padding: 1.2mm 3mm; font-size: 9.5pt; margin: 1.2mm 0 } * { print-color-adjust: exact } }
`
