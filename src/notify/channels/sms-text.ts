/** Two segments: what is longer is billed as more messages and read by nobody at night. */
const gsmLimit = 306;

/** The characters of the GSM-7 alphabet that take one place each; anything else would halve the length of a segment. */
const gsm =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const allowed = new Set(gsm);
const replacements: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '→': '->',
  '·': '-',
  '≥': '>=',
  '≤': '<=',
  µ: 'u',
};

/** A text that fits two SMS: in the GSM-7 alphabet, without emoji, on one line. */
export function smsText(text: string): string {
  let out = '';
  for (const character of text.replaceAll(/\s+/g, ' ').trim()) {
    const plain = allowed.has(character) ? character : (replacements[character] ?? withoutAccent(character));
    if (out.length + plain.length > gsmLimit - 3) return `${out.trimEnd()}...`;
    out += plain;
  }
  return out;
}

function withoutAccent(character: string): string {
  const base = [...character.normalize('NFKD')].filter((each) => allowed.has(each)).join('');
  return base;
}
