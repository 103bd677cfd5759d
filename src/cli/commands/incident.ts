import { InvalidArgumentError, Option, type Command } from 'commander';
import { utf8 } from '../../bytes/codec.ts';
import type { VaultGovernance } from '../../client/governance/governed-vault.ts';
import type { Incident } from '../../policy/incident/incident.ts';
import { type Audience, AUDIENCES, type Notice } from '../../policy/incident/notice.ts';
import type { ScopeFilter } from '../../policy/incident/scope.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { userName } from '../user.ts';
import { openOwned, readSigner, withGovernance } from './governed-command.ts';
import {
  type ReportFormat,
  reportFormatOf,
  reportFormatOption,
  type ReportOutput,
  writeReport,
} from './report-output.ts';
import { addVaultOptions, collect, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface OpenFlags extends VaultOptions {
  readonly reason: string;
  readonly principal: readonly string[];
  readonly purpose: readonly string[];
  readonly by?: string;
  readonly freeze: boolean;
  readonly rotate: boolean;
  readonly noticeHours?: number;
}

interface ScopeFlags extends VaultOptions {
  readonly since?: number;
  readonly until?: number;
  readonly principal: readonly string[];
  readonly purpose: readonly string[];
  readonly format: 'text' | 'json';
}

interface CloseFlags extends VaultOptions {
  readonly measures: string;
  readonly key: readonly string[];
}

interface NoticeFlags extends Omit<ScopeFlags, 'format'>, ReportOutput {
  readonly to: Audience;
}

const OPEN_HELP = `
The gate denies everything from this moment on, what it is working on included. Then the named principals are revoked,
and every table gets new keys, which may take a while: stopped, the same command goes on. Each measure is logged.`;

const SCOPE_HELP = `
The scope is made of the audit log alone, which is verified on the way. A subject is concerned where its rows counted;
--format json has the names.`;

export function addIncident(program: Command, signal: AbortSignal): void {
  const command = program
    .command('incident')
    .description(
      'something went wrong: freeze the gate, find whose data is concerned, give notice',
    );
  addOpen(command, signal);
  addList(command, signal);
  addScope(command, signal);
  addNotice(command, signal);
  addClose(command, signal);
}

function addOpen(command: Command, signal: AbortSignal): void {
  const open = command
    .command('open')
    .description('freeze the gate at once, revoke principals, replace all keys; prints its id')
    .argument('<vault>', 'the vault’s folder')
    .requiredOption('--reason <text>', 'what happened, as far as it is known')
    .option('--principal <name>', 'revoke this one (repeatable)', collect, [])
    .option(
      '--purpose <name>',
      'the purposes that it is about (repeatable; default: all)',
      collect,
      [],
    )
    .option('--by <name>', 'who opens it (default: the user’s name, or number)')
    .option('--no-freeze', 'let the gate go on answering')
    .option('--no-rotate', 'keep the keys')
    .option(
      '--notice-hours <number>',
      'notice is given within; 0 is immediately (default: the policy’s, or 72)',
      wholeNumber,
    )
    .addHelpText('after', OPEN_HELP);
  addVaultOptions(open).action((path: string, flags: OpenFlags) => begin(path, flags, signal));
}

function addList(command: Command, signal: AbortSignal): void {
  const list = command
    .command('list')
    .description('incidents, and how long is left to give notice')
    .argument('<vault>', 'the vault’s folder');
  addVaultOptions(list).action((path: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async ({ incidents }) => {
      const { incidentRows } = await texts();
      await print(incidentRows(await incidents.records.list(), Date.now()));
    }),
  );
  const show = command
    .command('show')
    .description('one incident and its measures, as JSON')
    .argument('<vault>', 'the vault’s folder')
    .argument('<id>', 'as open printed it');
  addVaultOptions(show).action((path: string, id: string, flags: VaultOptions) =>
    withGovernance(path, flags, signal, async ({ incidents }) => {
      const { incidentJson } = await texts();
      const one = incidentJson(await incidents.records.find(id), Date.now());
      await print(`${JSON.stringify(one, undefined, 2)}\n`);
    }),
  );
}

function addScope(command: Command, signal: AbortSignal): void {
  const scope = command
    .command('scope')
    .description('which releases are concerned, and whose data, by the audit log')
    .argument('<vault>', 'the vault’s folder')
    .argument('<id>', 'as open printed it')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .addHelpText('after', SCOPE_HELP);
  addFilter(scope);
  addVaultOptions(scope).action((path: string, id: string, flags: ScopeFlags) =>
    withGovernance(path, flags, signal, async ({ incidents }) => {
      const { scopeJson, scopeText } = await texts();
      const one = await incidents.records.find(id);
      const found = await incidents.scope(filterOf(incidents.filterOf(one), flags), signal);
      const now = Date.now();
      await print(
        flags.format === 'json'
          ? `${JSON.stringify(scopeJson(one, found, now), undefined, 2)}\n`
          : scopeText(one, found, now),
      );
    }),
  );
}

function addNotice(command: Command, signal: AbortSignal): void {
  const draft = command
    .command('notice')
    .description('draft the notice that is given of an incident; a person completes it')
    .argument('<vault>', 'the vault’s folder')
    .argument('<id>', 'as open printed it')
    .addOption(new Option('--to <audience>').choices(AUDIENCES).default('authority'))
    .addOption(reportFormatOption())
    .option('--out <file>', 'write the draft to a file');
  addFilter(draft);
  addVaultOptions(draft).action(async (path: string, id: string, flags: NoticeFlags) => {
    const format = reportFormatOf(flags);
    const made = await withGovernance(path, flags, signal, async ({ incidents }) => {
      const one = await incidents.records.find(id);
      const found = await incidents.scope(filterOf(incidents.filterOf(one), flags), signal);
      const { noticeOf } = await import('../../policy/incident/notice.ts');
      return noticeOf(await incidents.notice(one, found, Date.now()), flags.to);
    });
    await writeReport(await rendered(made, format), flags.out);
  });
}

function addClose(command: Command, signal: AbortSignal): void {
  const close = command
    .command('close')
    .description('close an incident by an officer’s signature: its freeze ends')
    .argument('<vault>', 'the vault’s folder')
    .argument('<id>', 'as open printed it')
    .requiredOption('--measures <text>', 'what was done about it')
    .requiredOption('--key <file>', 'an officer’s secret key (repeatable)', collect);
  addVaultOptions(close).action(async (path: string, id: string, flags: CloseFlags) => {
    const signers = await Promise.all(flags.key.map(readSigner));
    const { formatClosing, signClosing } = await import('../../policy/incident/closing.ts');
    const closed = await withGovernance(path, flags, signal, async ({ incidents, log }) => {
      const { measures } = flags;
      const closing = { log: log.origin, incident: id, time: Date.now(), measures };
      const signatures = signers.map(({ key, secret }) => signClosing(closing, key.name, secret));
      return await incidents.close(utf8(formatClosing(closing, signatures)), Date.now());
    });
    await print(`${closed.id} closed by ${closed.closed!.officers.map(oneLine).join(', ')}\n`);
  });
}

function addFilter(command: Command): void {
  command
    .option('--since <instant>', 'from this moment on (RFC 3339)', instantOf)
    .option('--until <instant>', 'to this moment (RFC 3339)', instantOf)
    .option(
      '--principal <name>',
      'of these alone (default: the incident’s; repeatable)',
      collect,
      [],
    )
    .option(
      '--purpose <name>',
      'for these alone (default: the incident’s; repeatable)',
      collect,
      [],
    );
}

async function begin(path: string, flags: OpenFlags, signal: AbortSignal): Promise<void> {
  const by = flags.by ?? userName('--by');
  await using vault = await openOwned(path, flags, signal);
  const { incidents }: VaultGovernance = await vault.governance();
  const { reason, principal, purpose, freeze, rotate, noticeHours } = flags;
  const progress = await startProgress('replacing keys', 'rows');
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  const rotation = {
    tables: async () => (await vault.tables()).map(({ table }) => table),
    rotate: async (table: string) => {
      const [report] = await vault.rotate(table, { signal, onProgress });
      return report!.epoch;
    },
  };
  let opened: Incident | undefined;
  const told = (): string =>
    `Incident ${opened?.id ?? ''} is open${opened?.freeze === true ? '; the gate is frozen' : ''}`;
  try {
    const wanted = {
      by,
      reason,
      principals: principal,
      purposes: purpose,
      freeze,
      rotate,
      noticeHours,
    };
    opened = await incidents.open(wanted, rotation, { signal, onOpen: (one) => (opened = one) });
  } catch (error) {
    if (opened !== undefined) {
      notice(`${told()}. Not all measures are taken: run the same command again.`);
    }
    throw error;
  } finally {
    progress.stop();
  }
  notice(`${told()}.`);
  if (rotate) notice('Make a new backup of the vault: earlier ones cannot open the tables.');
  await print(`${opened.id}\n`);
}

function filterOf(
  of: ScopeFilter,
  { since, until, principal, purpose }: Omit<ScopeFlags, 'format'>,
): ScopeFilter {
  return {
    since: since ?? of.since,
    until: until ?? of.until,
    principals: principal.length > 0 ? principal : of.principals,
    purposes: purpose.length > 0 ? purpose : of.purposes,
  };
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A commander parser of an instant, or of a day's begin in UTC. */
function instantOf(text: string): number {
  const time = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('an instant is wanted, for example 2026-01-01T12:00:00Z');
  }
  return time;
}

async function rendered(draft: Notice, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('../incident/page.ts')).noticePage(draft);
    case 'markdown':
      return (await import('../incident/markdown.ts')).noticeMarkdown(draft);
    case 'json':
      return `${JSON.stringify((await texts()).noticeJson(draft), undefined, 2)}\n`;
    default:
      return format satisfies never;
  }
}

/** Loaded when something is printed: --help needs none of it. */
const texts = (): Promise<typeof import('../incident/text.ts')> => import('../incident/text.ts');
