/** Which errors say something about the connection, and whether the server can have seen the work: judged by what drivers and Node throw. */

/**
 * `refused`: there was no connection, the work never reached the server. `lost`: the connection broke, and nobody knows how far the work
 * got. `query`: the server answered, or the error has nothing to do with the connection.
 */
export type FailureKind = 'refused' | 'lost' | 'query';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const refusedCodes = words(
  // Node: nobody listens, no such host, no way there, a certificate that is not trusted.
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN EADDRNOTAVAIL ' +
    'UND_ERR_CONNECT_TIMEOUT CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID DEPTH_ZERO_SELF_SIGNED_CERT ' +
    'SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY ' +
    // PostgreSQL: cannot connect, starting up or shutting down, too many connections, login refused, no such database.
    '08001 08004 57P03 53300 28000 28P01 3D000 ' +
    // MySQL: the same.
    'ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_ACCESS_DENIED_ERROR ER_HOST_IS_BLOCKED ER_HOST_NOT_PRIVILEGED',
);
const lostCodes = words(
  'ECONNRESET EPIPE ECONNABORTED ETIMEDOUT ESOCKET UND_ERR_SOCKET 57P01 57P02 08000 08003 08006 08007 08P01 ' +
    'PROTOCOL_CONNECTION_LOST PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR ER_SERVER_SHUTDOWN',
);
const refusedNames = words(
  'ClientClosedError ClientOfflineError ConnectionTimeoutError MongoServerSelectionError MongoPoolClearedError MongoPoolClosedError ' +
    'MongoWaitQueueTimeoutError MongoNotConnectedError MongoTopologyClosedError',
);
const lostNames = words(
  'MongoNetworkError MongoNetworkTimeoutError MaxRetriesPerRequestError SocketClosedUnexpectedlyError DisconnectsClientError',
);
const refusedTexts =
  /^(?:timeout exceeded when trying to connect|Connection terminated due to connection timeout|Cannot use a pool after calling end|Pool is closed|Queue limit reached|No connections available|Stream isn't writeable|Timeout waiting for a client|LOADING |MASTERDOWN |CLUSTERDOWN )/;
const lostTexts =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Connection is closed)/;
/** Codes that mean "refused" only while connecting. */
const whileConnecting = words('ETIMEDOUT ENOENT EACCES EPERM ECONNRESET');

/** What an error says. Errors wrapped in others (`cause`, the members of an AggregateError) are looked at too. Never throws. */
export function failureOf(error: unknown): FailureKind {
  return judge(error, 3);
}

function judge(error: unknown, depth: number): FailureKind {
  const { code, name, message, syscall, cause, errors } = read(error);
  const connecting = syscall === 'connect' || /^connect /.test(message) || syscall === 'getaddrinfo';
  if (whileConnecting.has(code) && connecting) return 'refused';
  if (refusedCodes.has(code) || refusedNames.has(name) || refusedTexts.test(message)) return 'refused';
  if (lostCodes.has(code) || lostNames.has(name) || lostTexts.test(message)) return 'lost';
  if (depth === 0) return 'query';
  for (const inner of [cause, ...errors]) {
    const kind = inner === undefined ? 'query' : judge(inner, depth - 1);
    if (kind !== 'query') return kind;
  }
  return 'query';
}

interface Facts {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly syscall: string;
  readonly cause: unknown;
  readonly errors: readonly unknown[];
}

function read(error: unknown): Facts {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 300) : '');
  try {
    const { code, name, message, syscall, cause, errors } = error as Record<string, unknown>;
    return {
      code: text(code),
      name: text(name),
      message: text(message),
      syscall: text(syscall),
      cause,
      errors: Array.isArray(errors) ? errors.slice(0, 4) : [],
    };
  } catch {
    return { code: '', name: '', message: '', syscall: '', cause: undefined, errors: [] };
  }
}

/** The reason for people: the code and the message, without what looks like a secret. */
export function reasonOf(error: unknown): string {
  const { code, name, message, errors } = read(error);
  const inner = message === '' && errors.length > 0 ? read(errors[0]).message : '';
  const what = message || inner || name || 'no reason given';
  return code !== '' && !what.includes(code) ? `${what} (${code})` : what;
}
