// Dates, times and numbers as each language writes them.

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

/** Formatters are dear to make and are kept. */
function kept<T extends Intl.DateTimeFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const known = made.get(key);
  if (known) return known as T;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

export function clock(at: number, tag: string): string {
  return kept(`clock-${tag}`, () => new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" })).format(at);
}

export function longDay(at: number, tag: string): string {
  const options = { weekday: "long", day: "numeric", month: "long" } as const;
  return kept(`day-${tag}`, () => new Intl.DateTimeFormat(tag, options)).format(at);
}

export function moment(at: number, tag: string): string {
  const options = { dateStyle: "short", timeStyle: "short" } as const;
  return kept(`moment-${tag}`, () => new Intl.DateTimeFormat(tag, options)).format(at);
}

export function percent(share: number, tag: string): string {
  return kept(`percent-${tag}`, () => new Intl.NumberFormat(tag, { style: "percent" })).format(share);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function size(bytes: number, tag: string): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const options = { style: "unit", unit: UNITS[power], unitDisplay: "short", maximumFractionDigits: power > 1 ? 1 : 0 } as const;
  return kept(`size-${power}-${tag}`, () => new Intl.NumberFormat(tag, options)).format(bytes / 1000 ** power);
}

/** How long something took, in the two greatest units: 3 min 20 s. */
export function lasting(ms: number, tag: string): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ] as const;
  const from = Math.max(0, parts.findIndex(([count]) => count > 0));
  const shown = seconds === 0 ? [parts[2]] : parts.slice(from, from + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => counted(count, unit, tag)).join(" ");
}

function counted(count: number, unit: "hour" | "minute" | "second", tag: string): string {
  const options = { style: "unit", unit, unitDisplay: "short" } as const;
  return kept(`lasting-${unit}-${tag}`, () => new Intl.NumberFormat(tag, options)).format(count);
}

/** Microseconds as they are read: 640 µs, 12 ms, 1.3 s. */
export function micro(us: number, tag: string): string {
  const [value, unit] = us < 1000 ? [us, "microsecond"] : us < 1_000_000 ? [us / 1000, "millisecond"] : [us / 1e6, "second"];
  const options = { style: "unit", unit, unitDisplay: "short", maximumSignificantDigits: 3 } as Intl.NumberFormatOptions;
  return kept(`micro-${unit}-${tag}`, () => new Intl.NumberFormat(tag, options)).format(value as number);
}

export function whole(count: number, tag: string): string {
  return kept(`whole-${tag}`, () => new Intl.NumberFormat(tag)).format(count);
}

/** A day of the desk (`2026-11-23`), whatever the reader's time zone. */
export function day(iso: string, tag: string, style: "long" | "short" = "long"): string {
  const options =
    style === "long"
      ? ({ weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const)
      : ({ day: "numeric", month: "numeric", timeZone: "UTC" } as const);
  return kept(`of-day-${style}-${tag}`, () => new Intl.DateTimeFormat(tag, options)).format(new Date(`${iso}T00:00:00Z`));
}

/** A running time: 0:42, 12:05, 1:02:33. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
