// What the figures of a report mean, in both languages, with how each is computed.

export const DEFINITIONS: readonly (readonly [term: string, zh: string, en: string])[] = [
  [
    'AUC',
    '随机一个坏样本得分风险高于随机一个好样本的概率，同分计一半；区间为 DeLong 95%。',
    'Probability that a random bad row scores riskier than a random good one, ties half; 95 % interval by DeLong.',
  ],
  [
    'KS',
    '好坏累计分布的最大差；区间为固定种子的分层自助法 95%。',
    'Largest gap between the cumulative shares of bad and good; 95 % interval by stratified bootstrap from a fixed seed.',
  ],
  [
    'WOE',
    'ln((箱内坏/全部坏)/(箱内好/全部好))，值越大风险越高；训练中未出现的箱为 0。',
    'ln((bad here / all bad) / (good here / all good)): higher is riskier; 0 for a bin without training rows.',
  ],
  [
    'IV',
    'Σ(坏占比 − 好占比)·WOE。低于 0.02 无效，高于 0.5 需查泄漏。',
    'Σ(share of bad − share of good)·WOE. Below 0.02 useless, above 0.5 look for leakage.',
  ],
  [
    '稳定性 / stability',
    'Σ(现时 − 开发)·ln(现时/开发)。低于 0.10 稳定，0.10–0.25 关注，高于 0.25 处置。空箱按半行计。',
    'Σ(now − dev)·ln(now / dev). Below 0.10 stable, to 0.25 to be watched, above to be acted on. An empty cell counts as half a row.',
  ],
  [
    '分数段 / score bands',
    '按训练集等频切分，之后固定；段 1 风险最高；同分不拆。',
    'Of equal size on the training rows and fixed from then on; band 1 is the riskiest; equal scores share a band.',
  ],
  ['校准比 / calibration ratio', '实际坏账率除以平均预测违约率。', 'Observed bad rate over mean predicted PD.'],
  [
    'Hosmer–Lemeshow',
    '十组；训练集自由度为组数减二，其他样本集为组数。',
    'Ten groups; degrees of freedom are groups − 2 on the training rows, groups elsewhere.',
  ],
  [
    '增益 / gain',
    '一列全部分裂带来的目标函数下降之和，占所有列之比；覆盖度为到达这些分裂的样本二阶导数之和所占之比。',
    "Fall of the objective over all splits on a column, as a share of all columns'; cover is the share of the second derivatives that reach these splits.",
  ],
  [
    '均方根误差、泊松偏差 / RMSE, Poisson deviance',
    '误差平方均值的平方根；2·(y·ln(y/μ) − y + μ) 的均值。区间为 95%。',
    'Root of the mean squared error; mean of 2·(y·ln(y/μ) − y + μ). 95 % intervals.',
  ],
  [
    '基尼系数（数值与次数）/ Gini of numbers and counts',
    '标签与模型排序的协方差除以标签与自身排序的协方差：1 为次序完全一致，0 为随机；标签为 0/1 时等于 2·AUC − 1。',
    'Covariance of the label with its rank by the model over that with its own rank: 1 where the orders agree, 0 by chance; of 0 and 1 it is 2·AUC − 1.',
  ],
  [
    'Shapley',
    '该方加入全部可能组合时的平均边际增量，银行始终在内；各方之和等于全部参与方的总增量，份额合计 100%。区间由同一批重抽样行计算。',
    'Mean marginal gain of a partner over every coalition, the bank always in; the values add up to what all partners add, the shares to 100 %. Intervals from resamples that all coalitions share.',
  ],
  [
    '等坏账率多通过 / extra approvals',
    '仅银行模型通过 80% 时的坏账率下，该组合可多通过的笔数。',
    'Further approvals at the bad rate that the bank alone has when it approves 80 %.',
  ],
  [
    '样本 / rows',
    '不确定与无标签样本不进入区分度与校准，只进入稳定性；样本少的单元格有标记。',
    'Indeterminate and unlabelled rows count for stability only; cells with few rows are flagged.',
  ],
]
