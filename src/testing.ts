/**
 * The door `cryoprotect-monitoring/testing`: a clock that tests turn, stores in memory, and the contract suites that every implementation of
 * an interface must pass. The suites need vitest. Only tests import this; the product never does.
 */
export * from './checks/check.contract.ts';
export * from './notify/notifier.contract.ts';
export * from './store/series-store.contract.ts';
export * from './store/state-store.contract.ts';
export * from './testing/fake-clock.ts';
export * from './testing/memory-series-store.ts';
export * from './testing/memory-state-store.ts';
