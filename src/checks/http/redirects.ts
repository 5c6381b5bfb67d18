import type { Progress } from '../network/progress.ts';
import type { ProbeRequest } from './dial.ts';
import { type ProbeAnswer, probe } from './request.ts';

/** The answer at the end of the way. */
export interface FollowedAnswer {
  readonly answer: ProbeAnswer;
  /** Where the answer came from. */
  readonly url: URL;
  readonly redirects: number;
  /** Why the way was left before its end, in words. */
  readonly problem?: string;
}

/** Asks, and follows at most so many redirects. Credentials are sent to the first origin only. */
export async function probeFollowing(first: ProbeRequest, most: number, progress: Progress): Promise<FollowedAnswer> {
  let request = first;
  const visited = new Set<string>();
  for (let redirects = 0; ; redirects++) {
    visited.add(`${request.method} ${request.url.href}`);
    const answer = await probe(request, progress);
    const location = answer.headers.location;
    const end = { answer, url: request.url, redirects };
    if (most === 0 || location === undefined || answer.status < 300 || answer.status > 399) return end;
    const next = nextRequest(request, answer.status, location);
    if (!next) return { ...end, problem: 'it redirects to something that is no http(s) URL' };
    if (visited.has(`${next.method} ${next.url.href}`)) return { ...end, problem: 'it redirects in a circle' };
    if (redirects >= most)
      return { ...end, problem: `it redirects more than ${most} ${most === 1 ? 'time' : 'times'}` };
    request = next;
    progress.bytes = 0;
    progress.stage = 'dns';
  }
}

function nextRequest(request: ProbeRequest, status: number, location: string): ProbeRequest | undefined {
  if (!URL.canParse(location, request.url.href)) return undefined;
  const url = new URL(location, request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const sameOrigin = url.origin === request.url.origin;
  const becomesGet =
    status === 303 ? request.method !== 'HEAD' : (status === 301 || status === 302) && request.method === 'POST';
  return {
    ...request,
    url,
    // Another origin gets none of our headers: any of them may be a secret.
    headers: sameOrigin ? request.headers : {},
    method: becomesGet ? 'GET' : request.method,
    body: becomesGet ? undefined : request.body,
  };
}
