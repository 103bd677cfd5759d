export type { ErrorCode, ErrorDetails } from './codes.ts';
export { OpalineError, isOpalineError } from './opaline-error.ts';
export { fromWire, toWire, type WireError } from './wire.ts';
