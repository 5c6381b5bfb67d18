/**
 * Which line of the app's own code called: captured for little, made readable only when somebody has to be shown it.
 * Three things bound the cost: frames of ours are cut off by the engine, no more frames are taken than it lately took to reach the app's
 * own code, and no more than so many stacks are taken a second.
 */
import { parseStack, shortFile } from '../../model/fingerprint.ts';

/** Stacks taken in a second for one pool; above it only pools under pressure get theirs. */
const mostPerSecond = 1000;
/** Frames taken until it is known how deep the app's own code lies, and at most. */
const mostFrames = 16;
const fewestFrames = 1;
/** So many stacks are read to learn the depth. */
const lessons = 20;

interface Holder {
  stack?: string;
}

/** A stack that was taken and not yet read. */
export class CallSite {
  readonly #holder: Holder;
  readonly #learn: (frames: number | undefined) => void;
  #text: string | undefined;

  constructor(holder: Holder, learn: (frames: number | undefined) => void) {
    this.#holder = holder;
    this.#learn = learn;
  }

  /** e.g. `src/reports.ts:88`; `unknown` when no frame of the app was among those taken. */
  get text(): string {
    this.#text ??= this.#read();
    return this.#text;
  }

  /** The frames, one a line. */
  get stack(): string {
    return frames(this.#holder)
      .slice(0, mostFrames)
      .map(({ functionName, file, line }) => `${functionName || '(anonymous)'} (${file}:${line})`)
      .join('\n');
  }

  #read(): string {
    const all = frames(this.#holder);
    const index = all.findIndex(({ inApp }) => inApp);
    this.#learn(index < 0 ? undefined : index + 1);
    const frame = all[index];
    return frame ? `${shortFile(frame.file)}:${frame.line}` : 'unknown';
  }
}

function frames(holder: Holder) {
  try {
    return typeof holder.stack === 'string' ? parseStack(holder.stack) : [];
  } catch {
    // `Error.prepareStackTrace` of the app may throw.
    return [];
  }
}

/** Takes stacks for one pool. */
export class CallSites {
  #taken = 0;
  #second = 0;
  #depth = 0;
  #lessons = 0;

  /** The stack above `below`, the function of ours that the app (or its driver) called. Undefined when enough were taken. */
  capture(below: (...args: never[]) => unknown, now: number, pressed: boolean): CallSite | undefined {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    if (this.#taken >= mostPerSecond && !pressed) return undefined;
    this.#taken += 1;
    const holder: Holder = {};
    const before = Error.stackTraceLimit;
    try {
      Error.stackTraceLimit = this.#lessons < lessons ? mostFrames : Math.max(fewestFrames, this.#depth);
      Error.captureStackTrace(holder, below);
    } catch {
      return undefined;
    } finally {
      restore(before);
    }
    const site = new CallSite(holder, (depth) => this.#learn(depth));
    if (this.#lessons < lessons) void site.text;
    return site;
  }

  /** The depth grows with what is seen; a stack that did not reach the app's code begins the lessons again. */
  #learn(depth: number | undefined): void {
    if (depth === undefined) {
      if (this.#lessons >= lessons) this.#lessons = 0;
      else this.#lessons += 1;
      return;
    }
    this.#lessons += 1;
    if (depth > this.#depth) this.#depth = Math.min(mostFrames, depth);
  }
}

function restore(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // A frozen Error keeps its own limit.
  }
}
