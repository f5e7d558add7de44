// The modeler's tour: from what partners offer to a joint scorecard and what it is worth.
import type { Step } from './tours.ts'

export const MODELER_STEPS: readonly Step[] = [
  {
    points: ['result-quality', 'results', 'heading'],
    title: { en: 'One model of several institutions', zh: '多家机构，一个模型' },
    text: {
      en: 'Every institution trained on its own machine. What you see here are the results: not one row, and no column of a partner, came to you for them.',
      zh: '每家机构都在自己的机器上参与训练。您在此看到的是结果：没有任何一行数据、也没有合作方的任何一列来到您这里。',
    },
  },
  {
    open: '/catalogue',
    points: ['catalogue', 'heading'],
    title: { en: 'What partners offer', zh: '合作方提供什么' },
    text: {
      en: 'Data sets by name, with kinds of columns and sizes in ranges. Values stay where they are; names of columns may be told by their owner, or stay aliases.',
      zh: '按名称列出的数据集，含列类型与规模区间。数值留在原处；列名由所有者决定是否告知，否则仅为别名。',
    },
  },
  {
    open: '/jobs/new',
    points: ['templates', 'heading'],
    title: { en: 'Start from a template', zh: '从模板开始' },
    text: {
      en: 'Choose a template and your partners; purpose and columns are asked for once. A pre-flight says what would fail, and why, before anybody is bothered.',
      zh: '选择模板与合作方，目的与列只需填写一次。预检会在打扰任何人之前说明什么会失败、为何失败。',
    },
  },
  {
    open: '/jobs',
    points: ['jobs', 'heading'],
    title: { en: 'Watch it run', zh: '查看运行' },
    text: {
      en: 'Each owner approves with two people. Then phases, rounds, loss, traffic and the time left are live for each party; you can close the page and come back.',
      zh: '每个所有方由两人共同批准。随后各方的阶段、轮次、损失、流量与剩余时间实时显示；可以关闭页面，稍后再回来。',
    },
  },
  {
    open: '/models',
    points: ['models', 'heading'],
    title: { en: 'Keep, compare, explain', zh: '留存、比较、解释' },
    text: {
      en: 'Models stay with the record of how they came to be. Put two runs side by side: AUC, KS, stability, and what each partner added.',
      zh: '模型与其形成记录一同留存。可并排比较两次运行：AUC、KS、稳定性，以及每个合作方的贡献。',
    },
  },
]
