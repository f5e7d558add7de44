// The classes of messages in Chinese.
export const KIND_ZH: Readonly<Record<string, string>> = {
  ciphertext: '密文',
  'masked-share': '掩码份额',
  'psi-points': '求交点',
  'public-key': '公钥',
  'released-aggregate': '发布的汇总',
  'split-sides': '分裂方向',
  control: '控制',
}
