/** Messages whose partial success is remembered, newest last. */
const messagesToRemember = 1000;

/** Remembers which recipients of a message have it already, so that another attempt goes to the others only. */
export interface Accepted {
  /** The recipients that still lack the message. */
  missing(messageId: string, recipients: readonly string[]): string[];
  add(messageId: string, recipient: string): void;
  /** The message needs no further attempt. */
  done(messageId: string): void;
}

/** Makes an empty memory. It does not survive a restart: then everybody gets the message again rather than nobody. */
export function createAccepted(): Accepted {
  const byMessage = new Map<string, Set<string>>();
  return {
    missing: (messageId, recipients) => recipients.filter((each) => !byMessage.get(messageId)?.has(each)),
    add(messageId, recipient) {
      const have = byMessage.get(messageId) ?? new Set();
      byMessage.set(messageId, have.add(recipient));
      if (byMessage.size > messagesToRemember) byMessage.delete(byMessage.keys().next().value!);
    },
    done: (messageId) => void byMessage.delete(messageId),
  };
}
