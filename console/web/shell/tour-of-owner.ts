// The data owner's tour: what is asked, what it would tell whom, and what has left.
import type { Step } from './tours.ts'

export const OWNER_STEPS: readonly Step[] = [
  {
    open: '/',
    points: ['inbox', 'heading'],
    title: { en: 'Nothing starts without you', zh: '未经您同意，不会开始' },
    text: {
      en: 'This program runs on your machine and belongs to you alone. What waits for your decision stands on this page first.',
      zh: '此程序在您的机器上运行，只属于您。等待您决定的事项会首先出现在此页。',
    },
  },
  {
    open: '/inbox',
    points: ['inbox-requests', 'heading'],
    title: { en: 'Who learns what', zh: '谁会获知什么' },
    text: {
      en: 'Each request shows the exact columns, the purpose, who takes part, and a card: who learns what, and what could be concluded from it. Approve, narrow, or refuse with a reason.',
      zh: '每个请求列明确切的列、目的、参与者，以及一张卡片：谁会获知什么，从中可推断什么。可批准、缩小范围，或说明理由后拒绝。',
    },
  },
  {
    open: '/approvals',
    points: ['approvals', 'heading'],
    title: { en: 'Two people, and a way back', zh: '双人审批，可以撤回' },
    text: {
      en: 'You and the compliance officer each sign with a key of your own. Both signatures can be shown to anybody, years later. An approval can be revoked; what runs is then stopped.',
      zh: '您与合规官各用自己的密钥签名。多年之后，两份签名仍可向任何人出示。批准可以撤销，正在运行的作业随即停止。',
    },
  },
  {
    open: '/datasets',
    points: ['datasets', 'heading'],
    title: { en: 'Your data sets', zh: '您的数据集' },
    text: {
      en: 'What you have declared, what others see of it, what each has been used for, and how much of its privacy budget is spent.',
      zh: '您声明了什么、他人能看到什么、各数据集用于何处，以及隐私预算已消耗多少。',
    },
  },
  {
    open: '/left',
    points: ['left-today', 'heading'],
    title: { en: 'What left today', zh: '今天流出了什么' },
    text: {
      en: 'The ledger counts each message that left, by job and receiver: its kind, its size, what it tells. It is kept by you, not by the coordinator.',
      zh: '台账按作业与接收方记录每条流出的消息：种类、大小、透露的内容。台账由您保管，而非协调方。',
    },
  },
  {
    open: '/health',
    points: ['health', 'heading'],
    title: { en: 'Is everything well?', zh: '一切正常吗？' },
    text: {
      en: 'Connection, certificate, disk, data sets: each line says what to do when it is not well.',
      zh: '连接、证书、磁盘、数据集：每一项异常都会说明如何处理。',
    },
  },
]
