// Language and theme, one press each.
import { Button as Pressed } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { chooseTheme, THEMES, type Theme, useTheme } from '../theme.ts'
import { chooseLanguage, dictionary, useLanguage, useWords } from '../words.ts'

const words = dictionary({
  light: ['Light', '浅色'],
  dark: ['Dark', '深色'],
  system: ['As the system', '跟随系统'],
  theme: ['Colours', '配色'],
  themeNow: ['Colours, now: {now}', '配色，当前：{now}'],
})

export function LanguageSwitch() {
  const language = useLanguage()
  const other = language === 'en' ? 'zh' : 'en'
  return (
    <Pressed className="button button-quiet" onPress={() => chooseLanguage(other)}>
      <span lang={other === 'zh' ? 'zh-CN' : 'en-US'}>{other === 'zh' ? '中文' : 'English'}</span>
    </Pressed>
  )
}

export function ThemeSwitch() {
  const t = useWords(words)
  const theme = useTheme()
  return (
    <MenuTrigger>
      <Pressed className="button button-quiet">{t('theme')}</Pressed>
      <Popover className="popover">
        <Menu
          className="options"
          aria-label={t('themeNow', { now: t(theme) })}
          selectionMode="single"
          selectedKeys={[theme]}
          onAction={(id) => chooseTheme(id as Theme)}
        >
          {THEMES.map((one) => (
            <MenuItem className="option" key={one} id={one}>
              {t(one)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
