// What a process and its machine use: figures now, and curves of the last hour.
import { useMemo } from 'react'
import type { Machine } from '#console/api/operation.ts'
import { Curve } from '../../charts/curve.tsx'
import { bytesText, countText, Duration, figureText, Time } from '../../components/format.tsx'
import { Columns, Facts, Section } from '../../components/layout.tsx'
import { Gauge } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'

const words = dictionary({
  title: ['Machine', '机器'],
  software: ['Software', '软件'],
  node: ['Node.js', 'Node.js'],
  started: ['Started', '启动于'],
  up: ['Running for', '已运行'],
  cores: ['Processor cores', '处理器核数'],
  load: ['Load over 1, 5, 15 min', '1、5、15 分钟负载'],
  cpu: ['Processor, of this process', '处理器（本进程）'],
  coresInUse: ['{n} of {all} cores', '{n} / {all} 核'],
  memory: ['Memory, of this process', '内存（本进程）'],
  disk: ['Disk of the home, in use', '工作目录所在磁盘，已用'],
  of: ['{part} of {all}', '{part} / {all}'],
  heap: ['Heap of JavaScript', 'JavaScript 堆'],
  freeMemory: ['Free memory of the machine', '机器空闲内存'],
  delay: ['Delay of the event loop (99 %)', '事件循环延迟（99%）'],
  ms: ['{n} ms', '{n} 毫秒'],
  course: ['The last hour', '最近一小时'],
  minutes: ['minutes; now is 0', '分钟（0 为当前）'],
  cpuLine: ['cores in use', '使用核数'],
  memoryLine: ['memory (MiB)', '内存（MiB）'],
  delayLine: ['delay (ms)', '延迟（毫秒）'],
})

const MIB = 1024 * 1024

export function MachineView({ of }: { readonly of: Machine }) {
  const t = useWords(words)
  const { memory, disk, now, cores } = of
  const part = (used: number, all: number) => t('of', { part: bytesText(used), all: bytesText(all) })
  return (
    <>
      <Section title={t('title')}>
        <Columns>
          <Gauge
            label={t('cpu')}
            value={Math.min(now.cpu, cores)}
            most={cores}
            words={t('coresInUse', { n: figureText(now.cpu, 2), all: countText(cores) })}
          />
          <Gauge
            label={t('memory')}
            value={memory.process}
            most={memory.machine}
            words={part(memory.process, memory.machine)}
          />
          <Gauge
            label={t('disk')}
            value={disk.total - disk.free}
            most={disk.total}
            words={part(disk.total - disk.free, disk.total)}
          />
        </Columns>
        <Facts
          of={[
            [t('software'), of.software],
            [t('node'), of.node],
            [t('started'), <Time key="started" at={of.startedAt} />],
            [t('up'), <Duration key="up" seconds={of.uptimeSeconds} />],
            [t('load'), of.load.map((one) => figureText(one, 2)).join(' · ')],
            [t('heap'), bytesText(memory.heap)],
            [t('freeMemory'), bytesText(memory.free)],
            [t('delay'), t('ms', { n: figureText(now.loopDelayMs, 0) })],
          ]}
        />
      </Section>
      {of.samples.length < 2 ? null : <Course of={of} />}
    </>
  )
}

function Course({ of: { samples } }: { readonly of: Machine }) {
  const t = useWords(words)
  const { x, cpu, memory, delay } = useMemo(() => {
    const last = Date.parse(samples.at(-1)?.at ?? '')
    return {
      x: samples.map(({ at }) => (Date.parse(at) - last) / 60_000),
      cpu: samples.map((sample) => sample.cpu),
      memory: samples.map((sample) => sample.memory / MIB),
      delay: samples.map((sample) => sample.loopDelayMs),
    }
  }, [samples])
  const lines = [
    ['cpuLine', cpu, 2],
    ['memoryLine', memory, 0],
    ['delayLine', delay, 1],
  ] as const
  return (
    <Section title={t('course')}>
      <Columns>
        {lines.map(([key, y, digits]) => (
          <Curve
            key={key}
            title={t(key)}
            xTitle={t('minutes')}
            yTitle={t(key)}
            x={x}
            lines={[{ title: t(key), y }]}
            digits={digits}
            height={180}
          />
        ))}
      </Columns>
    </Section>
  )
}
