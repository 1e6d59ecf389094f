// What the browser keeps for the console. A full or forbidden storage must not stop anybody from working.

const PREFIX = "dialogo.";

export function read<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function write(key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Without storage drafts and settings last as long as the page.
  }
}

/** What stands under keys that begin so, by the rest of the key. */
export function readAll<T>(start: string): Record<string, T> {
  const found: Record<string, T> = {};
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX + start)) continue;
      const rest = key.slice(PREFIX.length + start.length);
      const value = read<T>(start + rest);
      if (value !== null) found[rest] = value;
    }
  } catch {
    // As above.
  }
  return found;
}

/** Tells of changes that another tab makes. */
export function onChange(tell: (key: string) => void): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key?.startsWith(PREFIX)) tell(event.key.slice(PREFIX.length));
  };
  addEventListener("storage", listen);
  return () => removeEventListener("storage", listen);
}
