// The who-learns-what card of federated boosted trees.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { BOOSTING, PREDICTING, SETUP, STAGES } from './messages.ts'
import { BOOST_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Messages, and who learns what" and "Adversary model". */
export const CARD = makeCard({
  protocol: 'secureboost',
  version: BOOST_VERSION,
  title: { en: 'boosted trees', zh: '提升树（SecureBoost）' },
  schedules: { SETUP, BOOSTING, PREDICTING, STAGES },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'the guest', zh: '发起方' },
      knows: {
        en: 'knows the shape and the leaf values of every tree and who owns each split, by alias of the column and number, not its threshold. It knows on which side of each split that it asked a host for every row of all sets falls: one bit a row and split, over rows of other nodes, too; and where a later job scores other rows with the trees, also of these, at all splits of the host at once. Of every column that a host offered to a tree it knows the sums of gradient and curvature by cell and node, from which the spread of its labels over anonymous cells of at least 50 rows follows; cells rise or fall, it does not know which. Each sum says at most 50 bits (100 where gradients are exact) about which rows are in the cell: where a node has few rows in a cell, the guest, who knows the gradient of every row, can work out which ones they are. Columns that are never chosen stay without a name, but the number of their cells, and equal sums at the root, can connect them from tree to tree.',
        zh: '知道每棵树的形状、叶值，以及每个分裂归谁所有（列的别名与编号），不知道阈值。对它向数据方询问过的每个分裂，知道各样本集每一行落在哪一侧：每行每个分裂一个比特，包括不在该节点的行；以后用这些树为其他行评分时，也一次得知这些行在该数据方全部分裂的哪一侧。对数据方提供给某棵树的每一列，知道每个节点每个单元的梯度之和与曲率之和，由此可知其标签在各匿名单元（不少于 50 行）上的分布；单元为升序或降序，不知道是哪一种。每个和至多说明 50 比特（精确梯度时 100 比特）关于哪些行在该单元中的信息：当某节点在某单元中只有少数几行时，发起方知道每一行的梯度，可以推算出是哪几行。从未被选中的列没有名称，但单元个数以及根节点上相同的和可以把不同树中的同一列联系起来。',
      },
    },
    {
      who: { en: 'a host', zh: '数据方' },
      knows: {
        en: 'knows which of its own splits the guest chose, in which tree and on which level, and how many trees count. A chosen split says that its column parts good from bad rows there. While membership is hidden it does not know which node it was for, which rows were in it, or what other parties own: number and size of all other messages depend on public numbers only.',
        zh: '知道发起方选中了它的哪些分裂、在哪棵树哪一层，以及有几棵树有效。被选中说明该列在那里能区分好坏样本。节点成员隐藏时，不知道分裂属于哪个节点、其中有哪些行、其他方拥有什么：其余消息的数量与大小只取决于公开的数。',
      },
    },
    {
      who: { en: 'a host, where membership is visible', zh: '数据方（节点成员可见时）' },
      knows: {
        en: 'also knows which training rows are in each node of each tree, the children of all splits included: from trees that part labels well it can guess labels of groups of at least 50 rows, and it sees how other parties part the rows.',
        zh: '还知道每棵树每个节点包含哪些训练行（包括所有分裂的子节点）：若树能很好地区分标签，它可以推测不少于 50 行的群体的标签，也能看到其他方如何划分这些行。',
      },
    },
    {
      who: { en: 'the guest, of a group', zh: '对于组，发起方' },
      knows: {
        en: 'knows of all members together what it knows of a host: sums over all members by cell and node, and the alias and sides of chosen splits. What one member answers opens to uniform numbers; only those of all members add up to anything. Sides come from each member for the rows that it has, which the guest knows from the alignment.',
        zh: '对全体成员合起来只知道对一家数据方所知道的：全体成员按单元与节点之和，以及被选中分裂的别名与方向。单个成员的应答打开后是均匀分布的数，全体成员之和才有意义。方向由各成员就其拥有的行告知，而哪些行在哪个成员处，发起方已由对齐得知。',
      },
    },
    {
      who: { en: 'every member of a group', zh: '组的每个成员' },
      knows: {
        en: "knows the group's splits with their thresholds, whose rows they rest on or not; how many training rows the group has, and for each column how many of them are in each cell: those that trees use, of at least 50 rows, and the finer ones that cut points were found with, which may hold few. With its own taken out, that is the sum over the other members.",
        zh: '知道组的各个分裂及其阈值（无论所依据的是谁的行）；知道全组有多少训练样本，以及每列各单元中有多少：包括树所用的单元（不少于 50 行），也包括商定切分点时更细的单元（可能行数很少）。减去自己的部分即得其余成员之和。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: {
        en: 'knows names, sizes and times; from the sizes of the short messages, how many splits of a host were chosen on a level.',
        zh: '知道名称、大小和时间；由短消息的大小可知某层选中了某数据方几个分裂。',
      },
    },
    {
      who: { en: 'a host that deviates', zh: '偏离协议的数据方' },
      knows: {
        en: 'can answer with sums of other rows or sides of another split. Sums that do not add up to the rows of the node, and sides with too few rows, are refused; other lies make the model worse, tell it nothing of labels, and show in an audit of what it signed.',
        zh: '可以用其他行的和或其他分裂的方向来应答。与节点的行不符的和、行数过少的方向会被拒绝；其他谎言只会使模型变差，不会使它得知标签，并会在对其签名内容的审计中暴露。',
      },
    },
    {
      who: { en: 'a guest that deviates', zh: '偏离协议的发起方' },
      knows: {
        en: 'can put other numbers into the rows, such as 1, 2, 4 …, and so read from each cell of each column and node up to 50 bits (100 where gradients are exact) about which rows are in the cell; or give weight to the rows of one member of a group alone, which the alignment told it, and so read the sums of that member; or ask for splits that it does not need, three a node at most. Keys, ciphertexts and choices are kept: when its keys of a tree are opened in a dispute, the audit finds every row that does not carry what model and labels give.',
        zh: '可以在行中放入其他数字（如 1、2、4……），由每列每个节点的每个单元读出至多 50 比特（精确梯度时 100 比特）关于哪些行在该单元中的信息；或只给组内某一成员的行赋值（由对齐得知是哪些行），从而读出该成员的和；或询问并不需要的分裂，每个节点至多三个。密钥、密文与选择均留存：在争议中打开某棵树的密钥时，审计能找出每一个与模型和标签不符的行。',
      },
    },
  ],
})
