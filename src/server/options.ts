import type { AlertsView } from '../model/alert.ts';
import type { ConfigView, SelfView } from '../model/api.ts';
import type { ChecksView } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorGroup } from '../model/error.ts';
import type { Events } from '../model/event.ts';
import type { HeartbeatsView } from '../model/heartbeat.ts';
import type { Log } from '../model/log.ts';
import type { AcknowledgeTicket, DeliveryView } from '../model/notification.ts';
import type { PoolsView } from '../model/pool.ts';
import type { PoolLimits } from '../model/pool-verdict.ts';
import type { AgentsView, Order } from '../model/signal.ts';
import type { SeriesStore, StateStore } from '../model/store.ts';
import type { PrometheusSettings, ServerSettings } from './settings.ts';

/** What the server is given: it asks these, and holds nothing of its own but sessions, sockets and short-lived answers. */
export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly prometheus?: PrometheusSettings;
  /** Dashboard port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. @default settings.host */
  readonly host?: string;
  readonly dataDir: string;
  /** Folder of the built dashboard; null or missing: a page that says how to build it. */
  readonly assetsDir: string | null;
  /** Bearer token with the operator role, from the runtime file. */
  readonly token: string;
  readonly mode: 'standalone' | 'embedded';
  readonly version: string;
  readonly startedAt: number;
  readonly state: StateStore;
  readonly series: SeriesStore;
  readonly checks: ChecksView;
  readonly alerts: AlertsView;
  readonly delivery: DeliveryView;
  /** Reads the link of a notification; without it no link is valid. */
  acknowledgeLink?(token: string): AcknowledgeTicket;
  readonly agents: AgentsView;
  /** Jobs that must report. @default none */
  readonly heartbeats?: HeartbeatsView;
  /** Watched pools and fallback chains of the applications, and from when on a wait or a hold is pointed out. */
  readonly pools: PoolsView;
  readonly poolLimits: PoolLimits;
  acceptSignals(
    batch: unknown,
  ): Promise<
    { readonly ok: true; readonly orders?: readonly Order[] } | { readonly ok: false; readonly message: string }
  >;
  /** Changes an error group's state through its owner, the intake. undefined = there is no such group. */
  setErrorState(id: string, state: ErrorGroup['state'], by: string): Promise<ErrorGroup | undefined>;
  readonly config: () => ConfigView;
  /** What the monitor costs and loses; the server adds its stream clients. */
  readonly self: () => Omit<SelfView, 'stream_clients'>;
  /** What keeps the store from writing now, e.g. a full disk; undefined when it writes. */
  readonly storeProblem?: () => string | undefined;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
}
