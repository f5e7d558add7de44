// What is filled in: texts, numbers, choices, switches, files, each with a label, a hint and its error.
import { type ReactNode, useRef } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import { Checkbox as CheckboxWidget } from 'react-aria-components/Checkbox'
import { FieldError } from 'react-aria-components/FieldError'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import { Select as SelectWidget, SelectValue } from 'react-aria-components/Select'
import { Text } from 'react-aria-components/Text'
import { TextArea as TextAreaWidget } from 'react-aria-components/TextArea'
import { TextField as TextFieldWidget } from 'react-aria-components/TextField'
import { dictionary, useWords } from '../words.ts'

const words = dictionary({
  passphrase: ['Passphrase', '口令'],
  choose: ['Choose', '请选择'],
  chooseFile: ['Choose a file', '选择文件'],
})

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  /** what is wrong with the value; the field is marked and the words are read out */
  readonly error?: string | undefined
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
}

interface TextProps extends FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'password' | 'number' | 'search' | 'date' | 'datetime-local'
  readonly autoComplete?: string
  readonly autoFocus?: boolean
  readonly maxLength?: number
  readonly placeholder?: string
}

export function TextField(props: TextProps) {
  return (
    <TextFieldWidget {...fieldOf(props)} {...textOf(props)} type={props.type ?? 'text'}>
      <Label>{props.label}</Label>
      <Input className="input" {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })} />
      <Below {...props} />
    </TextFieldWidget>
  )
}

/** @param rows lines to be seen; `isCode` for YAML and the like */
export function TextArea(props: TextProps & { readonly rows?: number; readonly isCode?: boolean }) {
  return (
    <TextFieldWidget {...fieldOf(props)} {...textOf(props)}>
      <Label>{props.label}</Label>
      <TextAreaWidget
        className={props.isCode === true ? 'input code' : 'input'}
        rows={props.rows ?? 4}
        spellCheck={props.isCode !== true}
      />
      <Below {...props} />
    </TextFieldWidget>
  )
}

type PassphraseProps = Omit<TextProps, 'label' | 'type'> & { readonly label?: string }

/** A password manager may fill it in; it is never kept by the page. */
export function Passphrase(props: PassphraseProps) {
  const t = useWords(words)
  return (
    <TextField
      autoComplete="current-password"
      maxLength={1024}
      {...props}
      label={props.label ?? t('passphrase')}
      type="password"
    />
  )
}

export interface Option<Id extends string> {
  readonly id: Id
  readonly title: string
  readonly hint?: string
}

interface ChoiceProps<Id extends string> extends FieldProps {
  readonly options: readonly Option<Id>[]
  readonly value: Id | undefined
  readonly onChange: (id: Id) => void
}

/** One of many. */
export function Select<Id extends string>(props: ChoiceProps<Id>) {
  const t = useWords(words)
  return (
    <SelectWidget
      {...fieldOf(props)}
      value={props.value ?? null}
      onChange={(id) => props.onChange(String(id) as Id)}
      placeholder={t('choose')}
    >
      <Label>{props.label}</Label>
      <Pressed className="input select">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Pressed>
      <Below {...props} />
      <Popover className="popover">
        <ListBox className="options">
          {props.options.map(({ id, title, hint }) => (
            <ListBoxItem className="option" key={id} id={id} textValue={title}>
              <Text slot="label">{title}</Text>
              {hint === undefined ? null : (
                <Text slot="description" className="hint">
                  {hint}
                </Text>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </SelectWidget>
  )
}

/** One of a few, all in sight. */
export function Choice<Id extends string>(props: ChoiceProps<Id>) {
  return (
    <RadioGroup {...fieldOf(props)} value={props.value ?? null} onChange={(id) => props.onChange(id as Id)}>
      <Label>{props.label}</Label>
      <div className="choices">
        {props.options.map(({ id, title, hint }) => (
          <Radio className="choice" key={id} value={id}>
            <span className="choice-mark" aria-hidden="true" />
            <span>
              {title}
              {hint === undefined ? null : <span className="hint"> {hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <Below {...props} />
    </RadioGroup>
  )
}

interface CheckboxProps {
  readonly children: ReactNode
  readonly value: boolean
  readonly onChange: (value: boolean) => void
  readonly isDisabled?: boolean
}

export function Checkbox({ children, value, onChange, isDisabled = false }: CheckboxProps) {
  return (
    <CheckboxWidget className="checkbox" isSelected={value} onChange={onChange} isDisabled={isDisabled}>
      <span className="checkbox-mark" aria-hidden="true">
        {value ? '✓' : ''}
      </span>
      <span>{children}</span>
    </CheckboxWidget>
  )
}

/** A file of the reader's machine; it stays there unless the page sends it. @param accept endings or media types */
export function FileField(props: { label?: string; accept?: readonly string[]; onFile: (file: File) => void }) {
  const t = useWords(words)
  const input = useRef<HTMLInputElement>(null)
  return (
    <FileTrigger
      ref={input}
      {...(props.accept === undefined ? {} : { acceptedFileTypes: props.accept })}
      onSelect={(files) => {
        const file = files?.[0]
        if (file !== undefined) props.onFile(file)
        // the same file may be chosen again after it was changed
        if (input.current !== null) input.current.value = ''
      }}
    >
      <Pressed className="button button-plain">{props.label ?? t('chooseFile')}</Pressed>
    </FileTrigger>
  )
}

function Below({ hint, error }: Pick<FieldProps, 'hint' | 'error'>) {
  return (
    <>
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </>
  )
}

function fieldOf({ error, isRequired = false, isDisabled = false }: FieldProps) {
  return {
    className: 'field',
    isInvalid: error !== undefined,
    isRequired,
    isDisabled,
    validationBehavior: 'aria' as const,
  }
}

function textOf(props: TextProps) {
  const { value, onChange, autoFocus = false } = props
  return {
    value,
    onChange,
    autoFocus,
    ...(props.autoComplete === undefined ? {} : { autoComplete: props.autoComplete }),
    ...(props.maxLength === undefined ? {} : { maxLength: props.maxLength }),
  }
}
