import type { BrowserContext } from 'playwright-core';
import type { Haystack } from '../../support/canaries.ts';

/** Everything that a browser's pages and workers send from now on, as it grows. */
export function recordTraffic(context: BrowserContext): readonly Haystack[] {
  const sent: Haystack[] = [];
  const put = (name: string, content: string | Uint8Array): void => {
    sent.push({ name, bytes: Buffer.from(content) });
  };
  context.on('request', (request) => {
    const name = `${request.method()} ${request.url()}`;
    put(`the URL of ${name}`, decodeURIComponent(request.url()));
    put(`the headers of ${name}`, JSON.stringify(request.headers()));
    const body = request.postDataBuffer();
    if (body !== null) put(`the body of ${name}`, body);
  });
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      put('a socket', socket.url());
      socket.on('framesent', ({ payload }) => put(`a frame to ${socket.url()}`, payload));
    });
  });
  return sent;
}
