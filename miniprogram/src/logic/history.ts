/** What was searched for lately, the newest first. */

export const HISTORY_LENGTH = 12;

export function remembered(history: readonly string[], words: string): string[] {
  const word = words.trim();
  if (!word) return [...history];
  return [word, ...history.filter((one) => one !== word)].slice(0, HISTORY_LENGTH);
}
