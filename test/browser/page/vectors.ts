/** The browser's twin of test/support/vectors.ts: the files come from the server of the page. */
export function vectorJson<T>(name: string): T {
  const request = new XMLHttpRequest();
  request.open('GET', new URL(`/vectors/${name}`, location.href), false);
  request.send();
  if (request.status !== 200) throw new Error(`no vector ${name}`);
  return JSON.parse(request.responseText) as T;
}
