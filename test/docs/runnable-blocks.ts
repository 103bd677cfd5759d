/** A fenced block of a Markdown file whose info string says `runnable`. */
export interface Block {
  readonly language: 'sh' | 'ts';
  /** First line of the code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The text of the ```text block that follows within two lines: what the code must print. */
  readonly output: string | undefined;
}

const FENCE = /^```(\w+)( runnable)?[^\n]*\n([^]*?)^```$/gm;

/** Blocks ```sh runnable and ```ts runnable, in order. */
export function runnableBlocks(markdown: string): readonly Block[] {
  const fences = [...markdown.matchAll(FENCE)];
  return fences.flatMap((fence, i): Block[] => {
    const [whole, language, runnable, code = ''] = fence;
    if (runnable === undefined) return [];
    if (language !== 'sh' && language !== 'ts') throw new Error(`cannot run ${language}`);
    const next = fences[i + 1];
    const gap = next && markdown.slice(fence.index + whole.length, next.index);
    const output = next?.[1] === 'text' && gap?.trim() === '' ? next[3] : undefined;
    const line = markdown.slice(0, fence.index).split('\n').length + 1;
    return [{ language, line, code, output }];
  });
}
