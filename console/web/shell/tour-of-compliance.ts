// Compliance's tour: the record, what was decided, what was told, and the proof that needs no trust in this server.
import type { Step } from './tours.ts'

export const COMPLIANCE_STEPS: readonly Step[] = [
  {
    points: ['record', 'timeline', 'heading'],
    title: { en: 'A record that cannot be changed unseen', zh: '无法悄悄更改的记录' },
    text: {
      en: 'Every party signs what it did in each round, and all of it goes into one log of hashes. Whoever changed a line later would be found out.',
      zh: '每一方都对自己每轮所做的事签名，全部进入同一份哈希日志。事后更改任何一行都会被发现。',
    },
  },
  {
    open: '/record',
    points: ['runs', 'heading'],
    title: { en: 'All runs', zh: '全部运行' },
    text: {
      en: 'One line for each run and the state of its log. Open one to see it as a time line: by party and round, with approvals, disclosures, refusals and anomalies.',
      zh: '每次运行一行，并标明其日志状态。打开后可按参与方与轮次查看时间线，含审批、披露、拒绝与异常。',
    },
  },
  {
    open: '/record/verify',
    points: ['verify', 'heading'],
    title: { en: 'Verify it yourself', zh: '亲自核验' },
    text: {
      en: 'The verification runs in this browser with the verifier’s own code, check by check. You bring the keys that you trust, and need believe neither the coordinator nor any other party. Where your own server is in doubt, verify.html that you got another way gives the same answer without network.',
      zh: '核验在本浏览器中用核验程序自身的代码逐项运行。公钥由您自己提供，无需信任协调方或其他任何一方。如对本方服务器有疑虑，用另行取得的 verify.html 断网打开，会得到同样的答案。',
    },
  },
  {
    open: '/record/decisions',
    points: ['decisions', 'heading'],
    title: { en: 'Who decided what', zh: '谁决定了什么' },
    text: {
      en: 'You are the second key: nothing is approved without your signature. Each approval names the version of the who-learns-what card that both of you have seen.',
      zh: '您是第二把钥匙：没有您的签名，任何事项都不获批准。每份批准都注明双方看过的“谁会获知什么”卡片版本。',
    },
  },
  {
    open: '/record/access',
    points: ['access', 'heading'],
    title: { en: 'Who looked', zh: '谁查阅过' },
    text: {
      en: 'Reading leaves a trace too: who opened which record and when is written down before it is shown. Your own visits are there as well.',
      zh: '查阅同样留痕：谁在何时打开了哪条记录，在显示之前即已写下，您自己的访问也在其中。',
    },
  },
]
