/**
 * What goes wrong in the demo, and when; all of it has happened to the real application. The cycle starts soon after the start, so that
 * nobody has to wait for something to look at.
 */
import type { MonitoringService } from 'cryoprotect-monitoring';
import type { RdkitService } from './rdkit-service.ts';
import type { Tap } from './tap.ts';

interface Scene {
  readonly pooler: Tap | undefined;
  readonly rdkit: RdkitService;
  readonly say: (line: string) => void;
}

interface Incident {
  /** Seconds after the start of a cycle. */
  readonly at: number;
  readonly text: string;
  readonly happen: (scene: Scene) => void;
}

const cycleSeconds = 420;
const incidents: readonly Incident[] = [
  { at: 4, text: 'The database pooler stops answering; traffic can go direct.', happen: ({ pooler }) => pooler?.cut() },
  { at: 75, text: 'The pooler is back.', happen: ({ pooler }) => pooler?.open() },
  { at: 120, text: 'RDKit becomes slow.', happen: ({ rdkit }) => Object.assign(rdkit, { mood: 'slow' }) },
  { at: 180, text: 'RDKit fails some calculations.', happen: ({ rdkit }) => Object.assign(rdkit, { mood: 'failing' }) },
  { at: 240, text: 'RDKit is well again.', happen: ({ rdkit }) => Object.assign(rdkit, { mood: 'well' }) },
  { at: 300, text: 'A report computes for three seconds and nothing else gets a turn.', happen: blockEventLoop },
];

/** What a computation in the wrong place does to everybody else. */
function blockEventLoop(): void {
  const until = performance.now() + 3000;
  while (performance.now() < until);
}

/** Plays the incidents over and over. Returns how to stop. */
export function playIncidents(scene: Scene): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const play = () => {
    timers.clear();
    for (const { at, text, happen } of incidents) {
      timers.add(
        setTimeout(() => {
          scene.say(text);
          happen(scene);
        }, at * 1000),
      );
    }
    timers.add(setTimeout(play, cycleSeconds * 1000));
  };
  play();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

/** The nightly backup was missed: an alert that the application raises by itself. */
export function reportStaleBackup(monitor: MonitoringService): void {
  monitor.raiseAlert('backup_stale', 'The last backup is 26 hours old (limit 25).', {
    source: 'backup',
    severity: 'warning',
  });
}
