import { socketKeys } from '../tcp/settings.ts';

/** The keys of endpoints of type `tls`, besides those of every TLS connection. */
export const tlsEndpointKeys = { ...socketKeys };
