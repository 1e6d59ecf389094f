// What the keys need to know of the windows on screen.

const suggestions = new Map<string, string[]>();
const replies = new Map<string, string[]>();

export const composerId = (conversation: string): string => `compose-${conversation}`;

export function focusComposer(conversation: string): void {
  // The window may be about to be drawn.
  requestAnimationFrame(() => document.getElementById(composerId(conversation))?.focus());
}

export const windowId = (conversation: string): string => `window-${conversation}`;

/**
 * Where the focus goes when what had it is gone. Never into a text field: what is being typed was meant for somebody
 * else.
 */
export function keepFocus(conversation: string | null): void {
  requestAnimationFrame(() => {
    if (conversation && document.activeElement === document.body) document.getElementById(windowId(conversation))?.focus();
  });
}

/** The nodes a window shows as suggestions, as the agent sees them now. */
export function shownSuggestions(conversation: string): string[] {
  return suggestions.get(conversation) ?? [];
}

export function showsSuggestions(conversation: string, nodes: string[]): void {
  if (nodes.length) suggestions.set(conversation, nodes);
  else suggestions.delete(conversation);
}

/** The texts a window suggests as an answer, as they would be inserted. */
export function shownReplies(conversation: string): string[] {
  return replies.get(conversation) ?? [];
}

export function showsReplies(conversation: string, texts: string[]): void {
  if (texts.length) replies.set(conversation, texts);
  else replies.delete(conversation);
}
