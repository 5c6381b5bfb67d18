/** Where a database URL points, without credentials and parameters: `postgres://db.example.org:5432/app`. */
export function targetOf(text: string): string {
  const url = new URL(text);
  const host = url.host || url.searchParams.get('host') || '';
  return `${url.protocol}//${host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** Makes a function that takes the URL's password out of any text, in the forms a driver may repeat it. */
export function passwordMask(text: string): (words: string) => string {
  const { password } = new URL(text);
  if (!password) return (words) => words;
  const forms = new Set([password, decodeSafely(password)]);
  return (words) => [...forms].reduce((masked, form) => masked.replaceAll(form, '[masked]'), words);
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
