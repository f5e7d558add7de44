// Keeps an error of one page from taking the whole console with it.
import { Component, type ReactNode } from 'react'
import { Button } from '../components/button.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { currentLanguage, dictionary, told } from '../words.ts'

const words = dictionary({ reload: ['Load the page again', '重新加载页面'] })

interface BoundaryProps {
  readonly children: ReactNode
}

export class Boundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override readonly state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return (
      <div className="page">
        <ProblemNote error={this.state.error} />
        <div className="actions">
          <Button look="primary" onPress={() => location.reload()}>
            {told(words, 'reload', currentLanguage())}
          </Button>
        </div>
      </div>
    )
  }
}
