import type { ChainLink } from './certificate.ts';

/** What a network check is doing. */
export type Stage = 'dns' | 'connect' | 'proxy' | 'tls' | 'first_byte' | 'body' | 'answer';

/** What is known of a run while it goes on, so that a failure can say how far it came and what it saw. */
export interface Progress {
  /** ms by phase, in order. */
  readonly phases: Record<string, number>;
  stage: Stage;
  /** Bytes of the body or answer so far. */
  bytes: number;
  /** What the name led to. */
  readonly addresses: string[];
  /** The certificates that were not trusted. */
  chain: readonly ChainLink[];
  /** Adds the time since the last mark to a phase, and goes on to the next stage. */
  mark(phase: Stage, next: Stage): void;
}

const mostAddresses = 16;

/** Begins to note, at the looking up of a name. */
export function startProgress(monotonic: () => number): Progress {
  let before = monotonic();
  return {
    phases: {},
    stage: 'dns',
    bytes: 0,
    addresses: [],
    chain: [],
    mark(phase, next) {
      const now = monotonic();
      this.phases[phase] = (this.phases[phase] ?? 0) + now - before;
      before = now;
      this.stage = next;
    },
  };
}

/** Notes an address that a name led to. */
export function noteAddress({ addresses }: Progress, address: string): void {
  if (address && addresses.length < mostAddresses && !addresses.includes(address)) addresses.push(address);
}

const waiting: Record<Stage, string> = {
  dns: 'looking up the name',
  connect: 'connecting',
  proxy: 'waiting for the proxy to connect',
  tls: 'waiting for the TLS handshake',
  first_byte: 'waiting for the first byte of the answer',
  body: 'reading the body',
  answer: 'waiting for the answer',
};

/** What a run that ended too early was waiting for, in words. */
export function waitingWords({ stage, bytes }: Progress): string {
  return stage === 'body' || (stage === 'answer' && bytes > 0)
    ? `${waiting[stage]}, of which ${bytes} bytes came`
    : waiting[stage];
}
