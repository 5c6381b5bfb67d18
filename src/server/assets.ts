import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A file of the dashboard, held in memory with its compressed forms. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  /** True when the name holds a hash of the content: it never changes and may be kept for ever. */
  readonly immutable: boolean;
  readonly body: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

/** Every file of the dashboard by its path below `/monitoring/`, read once: no request ever reaches the disk. */
export type Assets = ReadonlyMap<string, Asset>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest', '.txt']);

/** Reads the built dashboard. A folder that is missing or has no index.html gives the page that says how to build it. */
export async function loadAssets(dir: string | null): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const files = dir === null ? [] : await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = files
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dir!.length)
        .replace(/^[/\\]+/, '')
        .replaceAll('\\', '/'),
    );
  for (const path of paths) {
    const type = types[extname(path)];
    // Source maps and compressed twins are not pages; unknown types are not ours.
    if (type === undefined) continue;
    assets.set(
      path,
      await asset(path, type, await readFile(join(dir!, path)), {
        br: paths.includes(`${path}.br`) ? await readFile(join(dir!, `${path}.br`)) : undefined,
        gzip: paths.includes(`${path}.gz`) ? await readFile(join(dir!, `${path}.gz`)) : undefined,
      }),
    );
  }
  if (!assets.has('index.html'))
    assets.set('index.html', await asset('index.html', types['.html']!, Buffer.from(notBuilt), {}));
  return assets;
}

async function asset(
  path: string,
  type: string,
  body: Buffer,
  ready: { br?: Buffer | undefined; gzip?: Buffer | undefined },
): Promise<Asset> {
  const small = body.length < 512 || !compressible.has(extname(path));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } };
  return {
    type,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    immutable: /[.-][\w-]{6,}\.(js|css|woff2|svg|png)$/.test(path) && path.startsWith('assets/'),
    body,
    br: small ? undefined : (ready.br ?? (await promisify(brotliCompress)(body, quality))),
    gzip: small ? undefined : (ready.gzip ?? (await promisify(gzip)(body, { level: 9 }))),
  };
}

/** Answers a request for an asset, in the best form that the browser takes. */
export function assetResponse(
  asset: Asset,
  request: { acceptEncoding: string | undefined; ifNoneMatch: string | undefined },
): Response {
  const headers: Record<string, string> = {
    'content-type': asset.type,
    etag: asset.etag,
    'cache-control': asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  };
  if (request.ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const accepted = new Set(
    (request.acceptEncoding ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
      .map((one) => one.split(';')[0]!),
  );
  const encoding = asset.br && accepted.has('br') ? 'br' : asset.gzip && accepted.has('gzip') ? 'gzip' : undefined;
  const body = encoding === undefined ? asset.body : asset[encoding]!;
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  headers['content-length'] = String(body.length);
  return new Response(new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength), { headers });
}

const notBuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>CryoProtect Monitoring</title></head>
<body>
<h1>The monitor runs; its dashboard is not built</h1>
<p>Build it with <code>npm run build</code>, then start the monitor again.</p>
<p>Meanwhile: <a href="/monitoring/api/overview">the overview as JSON</a>, <a href="/monitoring/api/health">health</a>,
<a href="/monitoring/api/openapi.json">every request</a>, <a href="/monitoring/metrics">metrics</a>.</p>
</body>
</html>
`;
