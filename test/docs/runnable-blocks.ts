/**
 * A fenced block of a Markdown file whose info string says `runnable`, or `terminal`: a command that
 * goes on until it is ended.
 */
export interface Block {
  readonly kind: 'runnable' | 'terminal';
  /** It needs a Redis at the address it names. */
  readonly redis: boolean;
  readonly language: 'sh' | 'ts';
  /** First line of the code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The text of the ```text block that follows within two lines: what the code must print. */
  readonly output: string | undefined;
}

const FENCE = /^```(\w+)(?: (runnable|terminal))?( redis)?[^\n]*\n([^]*?)^```$/gm;

/** Blocks ```sh runnable, ```sh terminal and ```ts runnable, in order. */
export function runnableBlocks(markdown: string): readonly Block[] {
  const fences = [...markdown.matchAll(FENCE)];
  return fences.flatMap((fence, i): Block[] => {
    const [whole, language, kind, redis, code = ''] = fence;
    if (kind !== 'runnable' && kind !== 'terminal') return [];
    if (language !== 'sh' && language !== 'ts') throw new Error(`cannot run ${language}`);
    const next = fences[i + 1];
    const gap = next && markdown.slice(fence.index + whole.length, next.index);
    const output = next?.[1] === 'text' && gap?.trim() === '' ? next[4] : undefined;
    const line = markdown.slice(0, fence.index).split('\n').length + 1;
    return [{ kind, redis: redis !== undefined, language, line, code, output }];
  });
}
