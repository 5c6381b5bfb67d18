import { current } from './context.ts';
import type { AgentCore, Category } from './core.ts';
import { categoryOf } from './recorder.ts';

// biome-ignore lint/suspicious/noExplicitAny: a decorator takes methods of any signature and gives the same back.
type Method = (this: any, ...args: any[]) => any;

/**
 * One function for all three ways to wrap a function: as a standard decorator, as a legacy (`experimentalDecorators`) decorator, and
 * called directly with a function.
 */
export interface Tracker {
  <F extends Method>(target: F, context?: ClassMethodDecoratorContext): F;
  (target: object, key: string | symbol, descriptor?: PropertyDescriptor): PropertyDescriptor | undefined;
}

export interface TrackerOptions {
  /** Fixed name; otherwise made from the prefix, the class and the function. */
  readonly name?: string | undefined;
  readonly prefix?: string;
  readonly category?: Category | undefined;
  readonly itemsCount?: number | undefined;
  /** The agent that counts, asked for at each call: decorators run before anything has been started. */
  readonly core: () => AgentCore;
}

/** Makes a tracker. */
export function tracker(options: TrackerOptions): Tracker {
  return ((target: unknown, second?: unknown, descriptor?: PropertyDescriptor) => {
    if (typeof target === 'function' && (second === undefined || isContext(second))) {
      return wrap(target as Method, options, isContext(second) ? second.name : undefined);
    }
    const property = descriptor ?? Object.getOwnPropertyDescriptor(target, second as PropertyKey);
    if (!property || typeof property.value !== 'function') return descriptor;
    const wrapped = { ...property, value: wrap(property.value as Method, options, second as string | symbol) };
    // Compilers that pass no descriptor do not take one back either.
    if (descriptor === undefined) Object.defineProperty(target as object, second as PropertyKey, wrapped);
    return wrapped;
  }) as Tracker;
}

function isContext(value: unknown): value is ClassMethodDecoratorContext {
  return typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string';
}

/** The same function, timed: `this`, arguments, result, errors, name and length stay. */
function wrap<F extends Method>(fn: F, options: TrackerOptions, key: string | symbol | undefined): F {
  const { core, prefix = '', itemsCount = 0 } = options;
  const own = key === undefined ? fn.name || 'anonymous' : String(key);
  let fixed = options.name ?? (key === undefined ? prefix + own : undefined);
  let category = options.category ?? categoryOf(fixed ?? prefix);
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const agent = core();
    if (!agent.enabled) return Reflect.apply(fn, this, args);
    if (fixed === undefined) {
      // The class is known with the first call.
      fixed = `${prefix}${classOf(this)}${own}`;
      category = options.category ?? categoryOf(fixed);
    }
    // The request itself is counted by the framework's adapter: the same work must not count twice as API traffic.
    const inRequest = category === 'api' && current.getStore()?.trace.isRequest === true;
    const slot = agent.recorder.slot(fixed, inRequest ? 'other' : category);
    if (itemsCount > 0) slot.items += itemsCount;
    return agent.track(slot, 'internal', () => Reflect.apply(fn, this, args));
  };
  try {
    Object.defineProperty(wrapped, 'name', { value: fn.name, configurable: true });
    Object.defineProperty(wrapped, 'length', { value: fn.length, configurable: true });
  } catch {
    // A name is a courtesy.
  }
  return wrapped as F;
}

function classOf(self: unknown): string {
  try {
    const name = typeof self === 'function' ? self.name : (self as object | undefined)?.constructor?.name;
    return name && name !== 'Object' ? `${name}.` : '';
  } catch {
    return '';
  }
}
