#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { keepHeapSmall } from './small-heap.ts';

keepHeapSmall();
enableCompileCache();
const { processIo } = await import('./io.ts');
const { runCli } = await import('./program.ts');
process.exitCode = await runCli(['start', ...process.argv.slice(2)], processIo());
