import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import type { Scratch } from '../../backend.ts';
import { LIMITS, OCTETS, PATHS } from '../../protocol.ts';
import { HttpCalls } from './calls.ts';
import { identityOf } from './replies.ts';
import { isPassing } from './unreachable.ts';

/** The intermediate results of a cluster's queries, for workers that do not mount the store. */
export class HttpScratch implements Scratch {
  private readonly calls: HttpCalls;

  constructor(address: string, token?: string) {
    this.calls = new HttpCalls(address, token);
  }

  /** @throws USAGE when the store there runs its queries by itself */
  async identity(): Promise<string> {
    try {
      return identityOf(await this.calls.json({ method: 'GET', path: PATHS.work }, {}));
    } catch (error) {
      if (!isOpalineError(error, 'STORE_UNREACHABLE') || isPassing(error)) throw error;
      throw new OpalineError('USAGE', {
        reason: 'that store has no work for workers: serve it with --cluster',
      });
    }
  }

  async writeScratch(query: string, id: string, body: Uint8Array): Promise<void> {
    const [path, limit] = [PATHS.scratch(query, id), LIMITS.refusal];
    try {
      await this.calls.send({ method: 'PUT', path, body, accept: OCTETS, limit }, {});
    } catch (error) {
      // The query's place is gone: nobody waits for the result.
      throw isOpalineError(error, 'PART_MISSING') ? new OpalineError('ABORTED', {}) : error;
    }
  }

  async readScratch(query: string, id: string): Promise<Uint8Array> {
    const [path, limit] = [PATHS.scratch(query, id), LIMITS.part];
    return await this.calls.send({ method: 'GET', path, accept: OCTETS, limit }, {});
  }

  openScratch(): Promise<void> {
    return Promise.reject(notHere());
  }

  closeScratch(): Promise<void> {
    return Promise.reject(notHere());
  }

  sweepScratch(): Promise<void> {
    return Promise.reject(notHere());
  }
}

function notHere(): OpalineError<'INTERNAL'> {
  return new OpalineError('INTERNAL', { reason: 'queries are opened and closed by their store' });
}
