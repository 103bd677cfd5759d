import { toBase64 } from '../../bytes/base64.ts';
import type { Logged } from '../../audit/file/audit-log.ts';
import { formatProof } from '../../audit/tlog-proof.ts';
import type { Purpose } from '../../policy/document.ts';
import type { ConsentRecord } from './consent-ledger.ts';

/** What a consent is shown with. */
export interface ConsentContext {
  /** Whose vault it is: the log's origin. */
  readonly controller: string;
  /** As the policy has it now; undefined where it has it no more. */
  readonly purpose: Purpose | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const CONTEXT = {
  dct: 'http://purl.org/dc/terms/',
  dpv: 'https://w3id.org/dpv#',
  schema: 'https://schema.org/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const;

const SCHEMAS = 'https://w3id.org/dpv/schema/dpv-27560';

/** The terms of W3C DPV for the states that ISO/IEC TS 27560 gives a consent. */
export function consentStatus(
  { withdrawn, expires }: Pick<ConsentRecord, 'withdrawn' | 'expires'>,
  now: number,
): 'dpv:ConsentGiven' | 'dpv:ConsentWithdrawn' | 'dpv:ConsentExpired' {
  if (withdrawn !== null) return 'dpv:ConsentWithdrawn';
  return expires !== null && expires <= now ? 'dpv:ConsentExpired' : 'dpv:ConsentGiven';
}

/**
 * A consent as JSON-LD in the W3C Data Privacy Vocabulary, with the fields of ISO/IEC TS 27560 as the DPV group's
 * guide maps them: header (identifier, schema), parties, processing, and an event for each thing that happened.
 */
export function consentRecordJson(record: ConsentRecord, context: ConsentContext): object {
  return { '@context': CONTEXT, ...recordNode(record, context) };
}

/** Several of them in one document. */
export function consentRecordsJson(
  records: readonly { readonly record: ConsentRecord; readonly context: ConsentContext }[],
): object {
  return {
    '@context': CONTEXT,
    '@graph': records.map(({ record, context }) => recordNode(record, context)),
  };
}

/**
 * A receipt: the record, and the proof of its grant, and of its withdrawal, in the audit log (C2SP tlog-proof),
 * which verifies without anybody's help.
 */
export function consentReceiptJson(
  record: ConsentRecord,
  context: ConsentContext,
  proofs: readonly Logged[],
): object {
  return {
    '@context': CONTEXT,
    '@id': `urn:uuid:${uuidOf(record.id)}#receipt`,
    '@type': 'dpv:ConsentReceipt',
    'dct:identifier': `receipt-${record.id}`,
    'dct:conformsTo': `${SCHEMAS}#receipt-record`,
    'dct:created': dateTime(context.now),
    'dct:publisher': context.controller,
    'dpv:hasRecordOfActivity': recordNode(record, context),
    'schema:encoding': proofs.map(({ entry, proof }) => ({
      '@type': 'schema:MediaObject',
      'dct:conformsTo': 'https://c2sp.org/tlog-proof@v1',
      'schema:identifier': toBase64(entry),
      'schema:text': formatProof(proof),
    })),
  };
}

function recordNode(record: ConsentRecord, { controller, purpose, now }: ConsentContext): object {
  const { id, subject, given, expires, withdrawn, notice } = record;
  const event = (status: string, time: number, entry: number | null): object => ({
    'dpv:hasConsentStatus': { '@id': status },
    'dct:date': dateTime(time),
    ...(entry === null ? {} : { 'dct:source': `${controller}#${entry}` }),
  });
  return {
    '@id': `urn:uuid:${uuidOf(id)}`,
    '@type': 'dpv:ConsentRecord',
    'dct:identifier': id,
    'dct:conformsTo': `${SCHEMAS}#record`,
    'dct:created': dateTime(given),
    'dpv:hasDataSubject': subject,
    'dpv:hasDataController': controller,
    'dpv:hasNotice': { '@type': 'dpv:ConsentNotice', 'dct:hasVersion': notice },
    'dpv:hasLegalBasis': { '@id': 'dpv:ExpressedConsent' },
    'dpv:hasConsentStatus': { '@id': consentStatus(record, now) },
    ...(expires === null
      ? { 'dpv:hasDuration': { '@id': 'dpv:IndeterminateDuration' } }
      : { 'dct:valid': dateTime(expires) }),
    'dpv:hasProcess': {
      '@type': 'dpv:Process',
      'dpv:hasPurpose': {
        '@type': 'dpv:Purpose',
        'dct:title': record.purpose,
        ...(purpose === undefined ? {} : { 'dct:description': purpose.description }),
      },
      'dpv:hasPersonalData': purpose === undefined ? [] : [...purpose.fields],
    },
    'dct:provenance': [
      event('dpv:ConsentGiven', given, record.entry),
      ...(withdrawn === null
        ? []
        : [event('dpv:ConsentWithdrawn', withdrawn.time, withdrawn.entry)]),
    ],
  };
}

function dateTime(time: number): object {
  return { '@type': 'xsd:dateTime', '@value': new Date(time).toISOString() };
}

const uuidOf = (id: string): string =>
  id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
