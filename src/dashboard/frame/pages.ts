import type { ComponentType } from 'preact';
import { Overview } from '../pages/overview.tsx';
import type { IconName } from '../show/icons.tsx';

/** A page gets what stands after its name in the address: `#/errors/abc` -> `id = 'abc'`. */
export type Page = ComponentType<{ id: string | undefined }>;

export interface PageEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: IconName;
  /** Second key of the shortcut `g …`. */
  readonly key: string;
  /** Stands in the bottom bar of a phone. */
  readonly first: boolean;
  readonly load: () => Promise<Page>;
}

/** All pages, in the order of the navigation. One more page is one more line and its file. */
export const pages: readonly PageEntry[] = [
  { id: 'overview', title: 'Overview', icon: 'overview', key: 'o', first: true, load: async () => Overview },
  {
    id: 'databases',
    title: 'Databases',
    icon: 'databases',
    key: 'd',
    first: false,
    load: async () => (await import('../pages/databases.tsx')).Databases,
  },
  {
    id: 'endpoints',
    title: 'Endpoints',
    icon: 'endpoints',
    key: 'e',
    first: true,
    load: async () => (await import('../pages/endpoints.tsx')).Endpoints,
  },
  {
    id: 'system',
    title: 'System',
    icon: 'system',
    key: 's',
    first: true,
    load: async () => (await import('../pages/system.tsx')).System,
  },
  {
    id: 'operations',
    title: 'Operations',
    icon: 'operations',
    key: 'p',
    first: false,
    load: async () => (await import('../pages/operations.tsx')).Operations,
  },
  {
    id: 'progress',
    title: 'Progress',
    icon: 'progress',
    key: 'j',
    first: false,
    load: async () => (await import('../pages/progress.tsx')).Progress,
  },
  {
    id: 'errors',
    title: 'Errors',
    icon: 'errors',
    key: 'x',
    first: false,
    load: async () => (await import('../pages/errors.tsx')).Errors,
  },
  {
    id: 'alerts',
    title: 'Alerts',
    icon: 'alerts',
    key: 'a',
    first: true,
    load: async () => (await import('../pages/alerts.tsx')).Alerts,
  },
  {
    id: 'settings',
    title: 'Settings',
    icon: 'settings',
    key: 'c',
    first: false,
    load: async () => (await import('../pages/settings.tsx')).Settings,
  },
];
