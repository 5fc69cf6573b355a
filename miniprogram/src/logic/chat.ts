/** The talk with the staff as it is drawn. */
import type { Message } from "@/api/types";
import { chatMoment } from "@/logic/time";

const PAUSE_MS = 5 * 60 * 1000;

/** Adds what is new, in the order in which it was said; what is there already stays once. */
export function merged(known: readonly Message[], fresh: readonly Message[]): Message[] {
  const ids = new Set(known.map((message) => message.id));
  const all = [...known, ...fresh.filter((message) => !ids.has(message.id))];
  return all.sort((one, other) => one.id - other.id);
}

/** The time above a message, when some time passed since the one before. */
export function timeAbove(messages: readonly Message[], index: number, nowMs: number): string {
  const message = messages[index];
  const before = messages[index - 1];
  if (!message) return "";
  if (before && Date.parse(message.at) - Date.parse(before.at) < PAUSE_MS) return "";
  return chatMoment(message.at, nowMs);
}
