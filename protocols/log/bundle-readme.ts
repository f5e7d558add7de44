// The README.txt of every evidence bundle, Chinese and English, the same in all of them.

export const BUNDLE_README = `本文件包是 Tributary 轮次日志的证据包，验证时不需要联网，也不需要任何一方的服务器。

怎样验证
  1. tributary verify <本文件.tar>
  2. 或者在没有网络的浏览器里打开 verify.html，选择本文件。两个验证程序彼此独立，结论应当一致。
  3. 通过其他渠道（电话、当面）核对 keys.json 里的公钥：证据包只能证明“持有这些公钥的人签过这些内容”。

里面有什么
  about.json         属于哪个联邦、哪个合作、何时由谁导出
  checkpoint         日志的长度和根哈希，由协调方签名，并由每个参与方带时间会签
  entries.jsonl      每行一条记录（base64），按日志顺序；每条都由作者签名
  keys.json          协调方的日志公钥和各参与方的签名公钥
  trust/             信任包及其历史版本

This is an evidence bundle of a Tributary round log. Verifying it needs no network and nobody's server.

How to verify
  1. tributary verify <this file.tar>
  2. Or open verify.html in a browser without network and choose this file. The two verifiers are independent of each
     other and must agree.
  3. Compare the public keys in keys.json over another channel (telephone, in person): a bundle proves that whoever
     holds these keys signed these contents, and no more.

What is inside
  about.json         which federation and collaboration, exported when and by whom
  checkpoint         length and root hash of the log, signed by the coordinator, cosigned with the time by each party
  entries.jsonl      one record a line (base64), in the order of the log, each signed by its author
  keys.json          the coordinator's log key and the signing keys of the parties
  trust/             the trust bundle and its earlier versions
`
