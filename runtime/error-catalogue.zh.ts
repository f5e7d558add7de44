// 错误码的中文说明：发生了什么、怎么处理。A test checks that every code of the catalogue is here, and no other.
import { CONSOLE_CODES_ZH } from './error-codes/console.zh.ts'
import { GROUP_CODES_ZH } from './error-codes/group.zh.ts'
import { MODELLING_CODES_ZH } from './error-codes/modelling.zh.ts'
import { PRIVACY_CODES_ZH } from './error-codes/privacy.zh.ts'

export const ERROR_CODES_ZH: Readonly<Record<string, { readonly summary: string; readonly mend: string }>> = {
  'config.invalid': { summary: '配置文件有问题', mend: '逐项改正列出的配置项，然后重新启动' },
  'config.unreadable': { summary: '配置文件读不出来', mend: '确认文件存在、有读权限，并且是合法的 YAML' },
  'keys.missing': { summary: '本机构还没有密钥', mend: '在这个工作目录里运行 `tributary init`' },
  'keys.wrong-passphrase': {
    summary: '口令打不开密钥库',
    mend: '把 TRIBUTARY_PASSPHRASE（或 passphraseFile）设成运行 `tributary init` 时给出的口令',
  },
  'keys.damaged': { summary: '密钥文件损坏，或者不是本系统的文件', mend: '从备份恢复密钥文件' },
  'keys.exists': { summary: '密钥已经存在，系统从不覆盖密钥', mend: '换一个工作目录，或者自己先把旧密钥移走' },
  'storage.full': { summary: '磁盘已满', mend: '腾出空间；作业会从磁盘上的进度自动继续' },
  'storage.damaged': { summary: '存储的文件与校验和不符', mend: '从备份恢复该文件，或取消作业' },
  'storage.locked': { summary: '另一个进程正在使用这个工作目录', mend: '停掉另一个代理或协调方，或换一个工作目录' },

  'data.unreadable': { summary: '数据集读不出来', mend: '运行 `tributary data check`，按它指出的位置修正数据源' },
  'data.empty': { summary: '数据集没有任何行', mend: '检查导出该文件的程序' },
  'data.missing-column': { summary: '声明的列在数据源里不存在', mend: '改正配置里的列名，或在数据源里补上该列' },
  'data.not-a-number': { summary: '数值列里出现了文本', mend: '修正指出的行，或把这些取值登记到 missing.values' },
  'data.missing-value': {
    summary: '缺失规则为 `reject` 的列里有缺失值',
    mend: '补齐取值，或为该列换一种缺失规则',
  },
  'data.duplicate-id': {
    summary: '标识重复，而重复规则为 `reject`',
    mend: '去掉重复行，或把 ids.duplicates 设为 first 或 last',
  },
  'data.no-consent-scope': {
    summary: '数据集的授权没有说明作业中的某个数据方',
    mend: '在数据集的 consent.scopes 中为该数据方写明授权范围列所用的词',
  },
  'data.line-too-long': { summary: 'CSV 文件有一行超过长度上限', mend: '检查文件的引号和换行' },
  'data.bad-label': {
    summary: '标签列含有其类型不允许的值',
    mend: '把标签改为 0（好）和 1（坏），或在 label.kind 中声明它是数值或次数',
  },
  'data.label-kind': {
    summary: '标签的类型不是作业的模型所能学习的',
    mend: '按标签选择 boost.objective：分类用 logistic，数值用 squared，次数用 poisson；评分卡与回归只用分类标签',
  },
  'data.constant-column': { summary: '某列在训练样本上只有一个取值', mend: '从作业里去掉这一列' },
  'data.changed': {
    summary: '作业开始之后，数据集的来源发生了变化',
    mend: '重新提交作业：先前对齐的是另一个版本的数据',
  },
  'data.few-valid-ids': {
    summary: '通过格式校验的标识太少',
    mend: '检查 ids.kind 和标识列；`tributary data check` 会给出标识概况',
  },

  'job.invalid': { summary: '作业文件有问题', mend: '改正指出的行' },
  'job.unknown-party': { summary: '作业里写的机构不在联邦中', mend: '核对名称；`tributary parties` 列出所有机构' },
  'job.unknown-dataset': {
    summary: '作业里写的数据集，该机构没有提供',
    mend: '核对名称；`tributary parties` 列出各方提供的数据集',
  },
  'job.unknown-template': {
    summary: '没有这个名称的模板',
    mend: '从列出的模板中选择；`tributary job template` 列出全部模板',
  },
  'job.unknown-column': {
    summary: '作业里写的列，该数据集没有提供',
    mend: '核对名称；`tributary parties` 列出各方提供的列',
  },
  'job.group-differs': {
    summary: '同组成员提供的列不一致',
    mend: '在 `hosts` 中为每个成员写相同的列；所列机构须在 agent.yaml 中补上缺少的列',
  },
  'job.reuse-missing': {
    summary: '作业要从先前的作业继续，但那个作业在本方没有留下这些结果',
    mend: '写一个已经完成到该步的作业，或去掉 `reuse`',
  },
  'job.reuse-differs': {
    summary: '作业要从先前的作业继续，但被沿用的部分与先前不同',
    mend: '使所列部分一致，或用 `reuse.through` 沿用更少的步骤',
  },
  'credit.bins': {
    summary: '某一列的分箱不合规或过多',
    mend: '切点须为有限数且递增，特殊值互不相同，总数不超过 128 箱',
  },
  'boost.overlap': {
    summary: '数据提供方某列的求和与节点的行不符：有行被重复或遗漏计数',
    mend: '该数据提供方偏离了协议；可凭其签名消息与数据进行审计',
  },
  'boost.invalid': {
    summary: '提升树的某个设置、列或消息不合规',
    mend: '按所列名称改正；取值范围见 docs/job.schema.json',
  },
  'model.name': { summary: '模型名称不合规', mend: '用小写字母、数字与连字符，不超过 64 个，以字母开头' },
  'model.unknown': {
    summary: '本方没有登记这个名称的模型',
    mend: '`tributary model list` 列出已登记的；`tributary model register 作业 --name 名称` 登记',
  },
  'model.incomplete': {
    summary: '日志没有表明该作业已成功且每一方都有模型部分',
    mend: '登记一个已成功的作业；若刚结束，稍候再试',
  },
  'model.changed': {
    summary: '本方保存的模型部分与日志中的不一致',
    mend: '从备份恢复该作业的 model.json；不要使用现有部分',
  },
  'results.none': {
    summary: '本方没有该作业的模型评分：不是发起方，或作业没有训练模型',
    mend: '在发起方查看一个已成功的作业',
  },
  'job.unknown': { summary: '这里没有这个作业', mend: '`tributary job list` 列出本机构的作业' },
  'job.exists': { summary: '这个作业已经提交过', mend: '直接查看已有的那个作业' },
  'job.bad-state': { summary: '作业当前的状态不允许这样做', mend: '用 `tributary job show` 查看作业' },
  'job.bad-signature': { summary: '作业没有发起方的签名', mend: '在发起方的工作目录里提交作业' },
  'job.cancelled': { summary: '作业已取消', mend: '如果是误操作，请重新提交' },
  'evaluation.invalid': {
    summary: '待评估的内容前后不一致',
    mend: '修正所指出的部分：评估的行数、数据集划分、得分、标签或参与方组合',
  },
  'job.party-offline': {
    summary: '作业的一个参与方没有连上',
    mend: '启动该机构的代理；作业会一直等到期限',
  },
  'policy.denied': { summary: '数据所有者的策略不允许', mend: '请数据所有者在其代理的策略里放行' },

  'person.exists': { summary: '此人在本方已有密钥', mend: '一人在一方只有一个角色：请换人' },
  'person.unknown': { summary: '本方没有此人', mend: '`tributary keys person list` 列出本方人员' },
  'person.unnamed': {
    summary: '本方已有人员，而命令没有写明由谁读取',
    mend: '请用 --as 人员 或 TRIBUTARY_PERSON 写明身份；`tributary keys person list` 列出本方人员',
  },
  'person.wrong-role': { summary: '此人的角色不允许这样做', mend: '请由指出的角色的人员办理' },
  'person.damaged': { summary: '人员的名片或密钥已损坏，或不是本方所发', mend: '从备份恢复文件，或为此人重新生成密钥' },
  'approval.invalid': { summary: '批准书有问题', mend: '逐项修正所列问题' },
  'approval.unknown': { summary: '本方没有这份批准书或申请', mend: '`tributary approvals` 列出本方的批准书与申请' },
  'approval.missing': {
    summary: '数据所有者没有批准书覆盖此作业',
    mend: '请所有者的数据管理员与合规官用 `tributary approve` 签署',
  },
  'approval.narrower': {
    summary: '所有者的批准书允许的范围小于作业的要求',
    mend: '缩小作业的要求，或请所有者批准所列各项',
  },
  'approval.refused': { summary: '数据所有者拒绝了此作业', mend: '见所给的理由' },
  'approval.withdrawn': {
    summary: '运行中作业的批准书已被撤回、已到期或已不完整',
    mend: '请指出的所有者重新批准，再提交作业',
  },
  'approval.exceeded': { summary: '作业达到了批准书的上限', mend: '在新的批准书里放宽指出的上限，或缩小作业的要求' },
  'approval.four-eyes': { summary: '批准须由两个不同的人签署：数据管理员与合规官', mend: '请由另一角色的人员签署' },
  'approval.tampered': { summary: '磁盘上的批准书与所签署的不一致', mend: '从备份恢复批准书目录，并查明何人改动' },
  'approval.bad-state': { summary: '批准书当前状态不允许这样做', mend: '用 `tributary approvals` 查看' },

  'task.params-differ': { summary: '各方的任务参数不一致', mend: '比较列出的取值，升级不一致的一方' },
  'task.deadline': { summary: '任务没有在期限内完成', mend: '放宽作业里的 deadlines，或减少行数' },
  'peer.timeout': { summary: '有一方超过期限没有回来', mend: '启动指出的那一方的代理，再重新提交作业' },
  'peer.failed': { summary: '另一方终止了作业', mend: '查看给出的错误码和机构' },
  'protocol.out-of-order': {
    summary: '收到的消息不属于当前步骤',
    mend: '请上报：对方运行的软件不同，或行为异常',
  },
  'protocol.version': { summary: '对方的协议版本不同', mend: '升级版本较旧的一方' },
  'protocol.malformed': {
    summary: '消息解不开，或超出了限制',
    mend: '请上报：对方运行的软件不同，或行为异常',
  },

  'envelope.malformed': { summary: '信封解不开', mend: '请上报：代理之间有环节改动了字节' },
  'envelope.tampered': {
    summary: '信封验证不通过：有字节被改动',
    mend: '应怀疑中继；比对双方的轮次记录',
  },
  'envelope.wrong-sender': {
    summary: '信封不是由它所写的发送方发出的',
    mend: '应怀疑中继；比对双方的轮次记录',
  },
  'envelope.wrong-recipient': {
    summary: '信封属于别的收件方、别的作业或别的方向',
    mend: '应怀疑中继；比对双方的轮次记录',
  },
  'envelope.replayed': {
    summary: '属于别的作业或别的密钥的信封被再次送来',
    mend: '应怀疑中继；比对双方的轮次记录',
  },
  'envelope.duplicate': { summary: '同一信封到了两次，第二份已丢弃', mend: '无需处理：重连后的重发会这样' },
  'envelope.equivocation': {
    summary: '某方用同一个编号发出了两份不同的消息',
    mend: '按安全事件处理：保留双方的轮次记录',
  },
  'envelope.out-of-order': { summary: '信封先于它前面的一封到达', mend: '无需处理：发送方会从缺口处重发' },
  'transport.too-large': { summary: '消息超过大小上限', mend: '用更小的批次' },
  'transport.quota': { summary: '作业超过了字节配额', mend: '在协调方提高配额，或缩小作业' },
  'transport.unavailable': {
    summary: '连不上协调方',
    mend: '检查地址、端口和防火墙；`tributary doctor` 会指出是哪一项',
  },
  'identity.unknown': { summary: '证书不属于联邦里的任何机构', mend: '把该机构的根证书加入信任清单' },
  'identity.wrong-party': { summary: '证书属于另一个机构', mend: '用你所代表的机构的密钥' },
  'identity.expired': {
    summary: '证书已过期或尚未生效',
    mend: '先核对时钟，再用 `tributary init --renew` 换发证书',
  },
  'identity.connected-elsewhere': { summary: '本机构的另一个代理接管了连接', mend: '每个机构只运行一个代理' },
  'identity.revoked': {
    summary: '该证书或其所属机构已被吊销',
    mend: '问清由谁吊销；若密钥仍可信，用 `tributary init --renew` 换新证书',
  },

  'enrolment.unknown': {
    summary: '没有这份邀请，或邀请属于其他机构，或令牌不符',
    mend: '原样使用发给本机构的邀请；连续五次错误后邀请作废',
  },
  'enrolment.expired': { summary: '邀请已过期', mend: '请对方重新发出邀请' },
  'enrolment.used': { summary: '邀请已被使用', mend: '若并非本方使用，立即告知其他机构；请对方重新发出邀请' },
  'enrolment.exhausted': { summary: '邀请因令牌错误次数过多而作废', mend: '请对方重新发出邀请' },
  'enrolment.busy': { summary: '信任清单的另一项变更正在等待签名', mend: '等各方确认后，用同一份邀请再试' },
  'enrolment.no-proposal': {
    summary: '没有这样一项等待签名的信任清单变更',
    mend: '重新运行 `tributary federation confirm`，查看当前的变更',
  },
  'enrolment.words-differ': {
    summary: '核对词与待签信任清单不一致',
    mend: '不要签名；再次通过电话核对，并查明是谁改动了清单',
  },
  'trust.unsigned': { summary: '信任清单的签名方不足', mend: '请各方运行 `tributary federation confirm`' },
  'trust.broken-chain': {
    summary: '信任清单与本方持有的版本不衔接',
    mend: '向其他机构索取中间版本，并查明此版本由谁制作',
  },
  'revocation.unsigned': {
    summary: '吊销既没有该机构自己的签名，也没有三分之二机构的签名',
    mend: '请其他机构运行同样的 `tributary federation revoke`',
  },
  'revocation.stale': {
    summary: '吊销清单不比现行的新，或撤回了已吊销的内容',
    mend: '重新运行 `tributary federation revoke`：它会以现行清单为基础',
  },

  'log.malformed': {
    summary: '这些字节不是轮次日志的记录、检查点、分片或证据包',
    mend: '请上报：日志已损坏，或对方运行的软件不同',
  },
  'log.not-canonical': { summary: '取值的编码不是规范编码', mend: '请上报：日志被改动，或对方运行的软件不同' },
  'log.signature': { summary: '轮次日志的签名验证不通过', mend: '与信任包核对密钥；密钥无误则说明日志被改动' },
  'log.unknown-key': { summary: '记录或检查点由信任包之外的密钥签名', mend: '与信任包核对密钥' },
  'log.fork': {
    summary: '协调方向本方展示的日志与先前的或与其他方看到的不同',
    mend: '保留 <home>/log/*/incident-*：其中两份协调方签名的检查点即为证据；请与其他各方核对',
  },
  'log.rollback': {
    summary: '协调方展示的轮次日志比先前旧',
    mend: '询问协调方运维是否从备份恢复过数据库；保留 <home>/log/*/incident-*',
  },
  'log.omission': {
    summary: '轮次日志缺少一条记录',
    mend: '保留 <home>/log/*/incident-*：其中写明缺少的是哪一方的记录',
  },
  'log.insertion': {
    summary: '轮次日志中有一条并非其署名方所写的记录',
    mend: '保留 <home>/log/*/incident-*；若署名为本方，请视同签名密钥已泄露',
  },
  'log.bad-root': {
    summary: '轮次日志的检查点与其记录不符',
    mend: '保留 <home>/log/*/incident-*：日志被改写过；请与其他各方核对',
  },
  'log.equivocation': {
    summary: '某方用同一序号签署了两条不同的记录',
    mend: '保留 <home>/log/*/incident-*：两条签名记录即为证据；也可能是该方恢复了旧备份',
  },
  'log.mismatch': {
    summary: '两方对同一条消息的记录不一致',
    mend: '对照所列两方的披露台账',
  },
  'log.rule-broken': {
    summary: '一条记录违反轮次日志的次序规则',
    mend: '查看所列规则与参与方；保留 <home>/log/*/incident-*',
  },
  'log.not-cosigned': {
    summary: '有一方未对本轮记录联署',
    mend: '查看所列参与方的代理：它可能离线，或已在自己的日志中说明发现了什么问题',
  },
  'log.frozen': {
    summary: '该协作的轮次日志有未了结的事件，本方不参与其中的作业',
    mend: '与其他各方查清后，将事件文件移出 <home>/log/*/ 并重启代理',
  },

  'psi.too-small': {
    summary: '交集小于最小值，没有放出任何结果',
    mend: '在对齐报告里比较双方的标识概况',
  },
  'psi.bad-point': { summary: '求交用的点不是合法的群元素', mend: '请上报：对方运行的软件不同，或行为异常' },
  'psi.duplicate-point': { summary: '求交的集合里同一个点出现两次', mend: '请上报：对方运行的软件不同，或行为异常' },
  'psi.commitment': { summary: '求交的集合与先前的承诺不符', mend: '请上报：对方在看到我方集合之后改了自己的集合' },
  'psi.count': { summary: '双方的计数对不上', mend: '请上报：对方运行的软件不同，或行为异常' },

  'release.too-few-rows': {
    summary: '要发布的数值背后的样本太少，没有发送',
    mend: '使用更多样本：更大的交集，或更大的批次',
  },
  'release.unrecorded': {
    summary: '明文数值没有发布记录就要离开本方，没有发送',
    mend: '请上报：协议必须说明所发布的数值背后有多少样本',
  },
  'egress.not-ciphertext': {
    summary: '应当加密或加掩码的消息看上去并非如此，没有发送',
    mend: '按安全事件处理：保留本方工作目录并上报',
  },
  'guard.differencing': {
    summary: '本作业的样本与此前某作业只差很少几行，两次结果相减会暴露这几行',
    mend: '使用与此前作业相同的数据集版本和样本，或等待数据更新',
  },

  ...MODELLING_CODES_ZH,

  'aggregate.repeated': {
    summary: '某参与方在同一轮中第二次作答，或不属于该轮',
    mend: '请上报：每轮每个参与方集合只作答一次；掉线之后的一轮是新的一轮',
  },
  'aggregate.incomplete': { summary: '汇总中缺少某参与方的更新', mend: '等待所指名的一方，或不含该方重新开始一轮' },

  'average.model': {
    summary: '联邦平均的模型与作业的列或上限不符',
    mend: '改正指出的内容；上限见 docs/job.schema.json',
  },
  'average.layer': {
    summary: 'Keras 风格的 JSON 里有无法取平均或本平台不认识的层',
    mend: '去掉指出的层：保存统计量或随机抽取的层（BatchNormalization、Dropout）没有精确的平均',
  },
  'average.settings': {
    summary: '联邦平均的设置互相不符，或超出取值范围',
    mend: '改正指出的内容；取值范围见 docs/job.schema.json',
  },
  'average.rows': {
    summary: '训练所用的行与模型不符',
    mend: '检查指出的数据集：列数、取值为 0 和 1 的标签、有限的数值',
  },
  'average.diverged': {
    summary: '联邦平均的本地训练发散',
    mend: '减小学习率或本地轮数，或增大 decay 或近端项',
  },
  'average.engine': {
    summary: '没有一个张量引擎能启动',
    mend: '用 `npm ci` 重新安装平台的软件包；日志里有每个引擎失败的原因',
  },
  'average.state': {
    summary: '联邦平均已保存的状态读不出来',
    mend: '从备份恢复该作业的文件，或取消作业',
  },

  'average.left-out': {
    summary: '作业结束时本方未参加其轮次：本方没有模型',
    mend: '保持代理在线；参加的各方持有模型，可由其发起 `from` 该作业的新作业',
  },
  'average.too-few-parties': {
    summary: '参与平均的不足三方：任何一方都能推算出另一方的更新',
    mend: '增加一个参与方，或在 `average` 中要求差分隐私',
  },
  'average.other-round': {
    summary: '更新或汇总属于另一轮、另一模型、另一开启方或另一组参与方',
    mend: '请上报：从同一模型出发的各方对每一轮的看法一致',
  },
  'average.too-many-rounds': {
    summary: '一轮中等待求和的汇总数超出上限',
    mend: '比对各方的软件版本：有一方发送了其他各方不知道的轮次的更新',
  },
  'average.impossible': {
    summary: '汇总中有界内的更新不可能得出的数',
    mend: '请上报：某参与方发送了界外的数，或开启方告知了另一个汇总',
  },
  ...PRIVACY_CODES_ZH,
  ...GROUP_CODES_ZH,
  ...CONSOLE_CODES_ZH,
  'he.parameters': { summary: '加密参数集不在登记表里', mend: '升级版本较旧的一方' },
  'he.malformed': { summary: '字节不是预期形状的密文', mend: '请上报：对方运行的软件不同，或行为异常' },
  'he.wrong-key': { summary: '密文属于另一把密钥', mend: '请上报：对方混用了密钥' },
  'he.key-used-up': { summary: '一把密钥给出的应答已达到泛洪噪声所允许的次数', mend: '开始新的任务：它会生成新密钥' },
  'he.range': { summary: '取值超出编码范围', mend: '请连同消息里的参数名上报' },
  'he.noise': { summary: '计算会超过参数集的噪声上限', mend: '减少每批行数' },
  'he.seal': { summary: '同态加密库拒绝了操作', mend: '请连同消息上报' },
  'he.worker': { summary: '加密工作线程异常退出', mend: '查看机器内存；本轮会自动重试' },

  'internal.unexpected': { summary: '发生了不该发生的故障', mend: '请连同该进程的日志上报' },
}
