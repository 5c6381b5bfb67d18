/** Sends GET requests over 20 kept connections and ends. A raw socket costs a tenth of an HTTP client. Started by `bench/agent.ts`. */
import { connect } from 'node:net';

const port = Number(process.argv[2]);
let left = Number(process.argv[3]);
const request = Buffer.from('GET /users/42 HTTP/1.1\r\nHost: localhost\r\nX-Correlation-ID: bench-1\r\n\r\n');

await Promise.all(
  Array.from(
    { length: 20 },
    () =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        let text = '';
        const next = () => {
          if (left-- > 0) socket.write(request);
          else {
            socket.destroy();
            resolve();
          }
        };
        socket.on('connect', next);
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
          // One response at a time on each connection; its body is what the route sends.
          if (text.endsWith('{"id":"42"}')) {
            text = '';
            next();
          }
        });
      }),
  ),
);
process.exit(0);
