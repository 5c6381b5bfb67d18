/** The header of a login: a bearer token, or name and password; empty when there is neither. */
export function authorization(login: {
  readonly token: string;
  readonly username: string;
  readonly password: string;
}): Record<string, string> {
  if (login.token !== '') return { authorization: `Bearer ${login.token}` };
  if (login.username === '' && login.password === '') return {};
  const pair = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}
