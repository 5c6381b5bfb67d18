#!/usr/bin/env node
import { keepHeapSmall } from './small-heap.ts';

// No compile cache here, unlike in `main.ts`: a monitor starts once, and the cache would stay in its memory.
keepHeapSmall();
const { processIo } = await import('./io.ts');
const { runCli } = await import('./program.ts');
process.exitCode = await runCli(['start', ...process.argv.slice(2)], processIo());
