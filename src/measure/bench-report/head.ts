import { toBase64 } from '../../bytes/base64.ts';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { Markup, markup } from './markup.ts';

/**
 * The head of a page of one file: no script, no request, one style sheet that the page's own policy names by digest.
 * @param css of the project's own, with nothing of a user's in it: it goes into the page as it is
 */
export function pageHead(title: string, css: string): Markup {
  return markup`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(css)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(css)}</style>
</head>`;
}

function policyOf(css: string): string {
  const digest = toBase64(sha256(utf8(css)));
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}
