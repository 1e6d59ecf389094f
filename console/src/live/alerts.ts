// Sound and browser notifications, as far as the agent wants them.
import { settings } from "./settings.svelte";

let audio: AudioContext | null = null;
/** Of several tabs one makes itself heard; without locks (no HTTPS) each does. */
let speaks = !navigator.locks;
void navigator.locks?.request("dialogo.alerts", () => {
  speaks = true;
  return new Promise(() => undefined);
});

/** Two short notes; quieter for a message than for a new conversation. */
export function chime(kind: "message" | "conversation"): void {
  if (!settings.sound || !speaks) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") void audio.resume();
    const notes = kind === "conversation" ? [660, 880] : [740];
    notes.forEach((frequency, at) => note(audio!, frequency, at * 0.12, kind === "conversation" ? 0.12 : 0.06));
  } catch {
    // A machine without sound.
  }
}

function note(context: AudioContext, frequency: number, after: number, loudness: number): void {
  const begin = context.currentTime + after;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(loudness, begin + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.25);
  tone.connect(volume).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + 0.3);
}

/** Shown only while nobody looks at the console. */
export function notify(title: string, body: string, tag: string, onClick: () => void): void {
  if (!settings.notifications || !speaks || document.visibilityState === "visible") return;
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body: body.slice(0, 160), tag, icon: "./icon.svg" });
  shown.onclick = () => {
    focus();
    onClick();
    shown.close();
  };
}

/** Asks the browser; false when it says no. */
export async function mayNotify(): Promise<boolean> {
  if (typeof Notification === "undefined") return false;
  if (Notification.permission === "default") await Notification.requestPermission();
  return Notification.permission === "granted";
}
