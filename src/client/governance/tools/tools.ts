import { z } from 'zod';
import { utf8 } from '../../../bytes/codec.ts';
import type { NoteKey } from '../../../bytes/note-key.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { ToolState } from '../../../gate/governed/ports.ts';
import { bundleForm, bundleHash, type ToolBundle } from '../../../policy/tool/bundle.ts';
import { openCertificate, type ToolCertificate } from '../../../policy/tool/certificate.ts';
import { reportDigest, type ToolReport } from '../../../policy/tool/report.ts';
import type { ToolStanding } from '../../../policy/tool/verdict.ts';
import type { Log } from '../consent-ledger.ts';
import type { SealedJson } from '../sealed-json.ts';

const time = z.int().min(0);
const MOST_REASON = 1000;
const MOST_TOOLS = 1000;

const cutOff = z.strictObject({ time, reason: z.string().max(MOST_REASON) }).nullable();

const stored: z.ZodType<StoredTool> = z.strictObject({
  bundle: bundleForm,
  certificate: z.string().max(1 << 18),
  suspended: cutOff,
  revoked: cutOff,
});

/** When a tool was cut off, and for what. */
export interface CutOff {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly reason: string;
}

/** A tool, of the one version that was certified last. */
export interface StoredTool {
  readonly bundle: ToolBundle;
  /** A signed note. */
  readonly certificate: string;
  readonly suspended: CutOff | null;
  readonly revoked: CutOff | null;
}

export interface ToolsValue {
  readonly tools: readonly StoredTool[];
}

/** What tools.opal holds. */
export const toolsForm: z.ZodType<ToolsValue> = z.strictObject({
  tools: z.array(stored).max(MOST_TOOLS),
});

/** A vault whose officers never certified a tool: it answers none. */
export const NO_TOOLS: ToolsValue = { tools: [] };

/** A tool as its owner sees it. */
export interface ToolInfo {
  readonly bundle: ToolBundle;
  readonly hash: string;
  readonly certificate: ToolCertificate;
  readonly suspended: CutOff | null;
  readonly revoked: CutOff | null;
}

/**
 * The third-party tools of a vault. A certificate counts once it is logged; a tool is cut off before that is logged:
 * whatever dies between, nothing is released to one that was.
 */
export class Tools implements ToolState {
  private readonly file: SealedJson<ToolsValue>;
  private readonly officers: () => Promise<readonly NoteKey[]>;
  private readonly log: Log;
  private readonly now: () => number;

  constructor(
    file: SealedJson<ToolsValue>,
    officers: () => Promise<readonly NoteKey[]>,
    log: Log,
    now: () => number = Date.now,
  ) {
    this.file = file;
    this.officers = officers;
    this.log = log;
    this.now = now;
  }

  /** The same with another clock. */
  at(now: () => number): Tools {
    return new Tools(this.file, this.officers, this.log, now);
  }

  /** @throws TOOL_INVALID where a certificate is not one that the officers of now signed; VAULT_CORRUPT */
  async list(): Promise<readonly ToolInfo[]> {
    const { tools } = await this.file.read();
    if (tools.length === 0) return [];
    const officers = await this.officers();
    return tools.map(({ certificate, ...rest }) => ({
      ...rest,
      hash: bundleHash(rest.bundle),
      certificate: openCertificate(utf8(certificate), officers),
    }));
  }

  async find(hash: string): Promise<ToolStanding | undefined> {
    const { tools } = await this.file.read();
    const found = tools.find(({ bundle }) => bundleHash(bundle) === hash);
    if (found === undefined) return undefined;
    const { bundle, suspended, revoked } = found;
    return {
      bundle,
      hash,
      certificate: openCertificate(utf8(found.certificate), await this.officers()),
      suspended: suspended?.time ?? null,
      revoked: revoked?.time ?? null,
    };
  }

  /**
   * Let a tool ask, in the place of an earlier version, and after it was cut off.
   * @param report of its test, for the log
   * @throws TOOL_INVALID for a certificate of another bundle, that not all officers signed, or not newer than what it
   * is to end
   */
  async certify(
    bundle: ToolBundle,
    certificate: string,
    report?: ToolReport,
  ): Promise<ToolCertificate> {
    const opened = openCertificate(utf8(certificate), await this.officers());
    if (opened.tool !== bundle.name || opened.bundle !== bundleHash(bundle)) {
      throw invalid('it is of another bundle');
    }
    if (report !== undefined && reportDigest(report) !== opened.report) {
      throw invalid('it is of another test');
    }
    const content = detail({ ...opened, found: report?.checks ?? null });
    await this.file.change(async ({ tools }) => {
      const before = tools.find((one) => one.bundle.name === bundle.name);
      const last = Math.max(before?.suspended?.time ?? -1, before?.revoked?.time ?? -1);
      if (opened.issued < last) throw invalid('it was issued before the tool was cut off');
      const others = tools.filter((one) => one !== before);
      if (others.length >= MOST_TOOLS) throw invalid('too many tools are certified');
      await this.log([{ kind: 'tool.certify', time: this.now(), details: [{ content }] }]);
      return { tools: [...others, { bundle, certificate, suspended: null, revoked: null }] };
    });
    return opened;
  }

  /** From the next step of any request on it is denied. @throws USAGE where there is no such tool */
  async revoke(name: string, reason: string): Promise<void> {
    if (reason.length === 0 || reason.length > MOST_REASON) {
      throw usage(`a reason has 1 to ${MOST_REASON} characters`);
    }
    const at = this.now();
    const isOf = ({ bundle }: StoredTool): boolean => bundle.name === name;
    const { tools } = await this.file.change((value) => {
      if (!value.tools.some(isOf)) throw usage(`there is no tool "${name}"`);
      return {
        tools: value.tools.map((one) =>
          isOf(one) ? { ...one, revoked: one.revoked ?? { time: at, reason } } : one,
        ),
      };
    });
    const bundle = bundleHash(tools.find(isOf)!.bundle);
    const content = detail({ tool: name, bundle, reason });
    await this.log([{ kind: 'tool.revoke', time: at, details: [{ content }] }]);
  }

  async suspend({ hash, bundle }: ToolStanding, principal: string, reason: string): Promise<void> {
    const at = this.now();
    const cut = { time: at, reason: reason.slice(0, MOST_REASON) };
    const { tools } = await this.file.change((value) => ({
      tools: value.tools.map((one) =>
        bundleHash(one.bundle) === hash ? { ...one, suspended: one.suspended ?? cut } : one,
      ),
    }));
    // Another version was certified meanwhile: this one is nothing any more.
    if (!tools.some((one) => bundleHash(one.bundle) === hash)) return;
    const content = detail({ tool: bundle.name, bundle: hash, principal, reason: cut.reason });
    await this.log([{ kind: 'tool.suspend', time: at, details: [{ content }] }]);
  }
}

const detail = (value: object): Uint8Array => utf8(JSON.stringify(value));

function invalid(reason: string): OpalineError {
  return new OpalineError('TOOL_INVALID', { path: 'certificate', reason });
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
