// Which conversation stands in which window. Whoever is in a window stays there; windows that become free are filled
// in order; nothing moves by itself.

export type Slots = (string | null)[];

/** Windows at least shown, so that the desk does not change its shape with every arrival. */
export const MIN_SLOTS = 4;

export function settle(slots: Slots, wanted: string[], limit: number): Slots {
  const size = Math.min(MIN_SLOTS, Math.max(1, limit));
  const kept = Array.from({ length: size }, (_, at) => {
    const id = slots[at];
    return id && wanted.includes(id) ? id : null;
  });
  const rest = wanted.filter((id) => !kept.includes(id));
  const next = kept.map((id) => id ?? rest.shift() ?? null);
  return same(slots, next) ? slots : next;
}

/** Brings a conversation that has no window into the one at `at`. */
export function place(slots: Slots, id: string, at: number): Slots {
  if (slots.includes(id)) return slots;
  return slots.map((it, index) => (index === at ? id : it));
}

/** The window whose conversation to go to next: the first with unread messages after the present one. */
export function nextUnread(ids: string[], present: string | null, unread: (id: string) => number): string | null {
  const from = present ? ids.indexOf(present) : -1;
  const turned = [...ids.slice(from + 1), ...ids.slice(0, from + 1)];
  return turned.find((id) => unread(id) > 0) ?? null;
}

function same(one: Slots, other: Slots): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
