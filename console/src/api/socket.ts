// The one socket: says hello, resumes by cursor, comes back by itself. What the frames mean is `state`'s.
import type { ClientFrame, ServerFrame } from "./frames";

/** `lost`: it will be tried again; `ended`: the session is over, nothing will be tried. */
export type Line = "connecting" | "open" | "lost" | "ended";

interface SocketOptions {
  url: string;
  token: string;
  onFrame: (frame: ServerFrame) => void;
  onLine: (line: Line, nextTryAt?: number) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** Without a word for so long the line is asked, and given up when it stays silent. */
const ASK_AFTER_MS = 20_000;
const SILENT_AFTER_MS = 30_000;
/** When the machine's network came or went, a living line answers within this time. */
const DOUBT_MS = 3_000;

/** Grows with every failure, and is never the same for two consoles that lost the desk at the same moment. */
export function pauseBefore(failures: number, random = Math.random()): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  return whole / 2 + (whole / 2) * random;
}

/** How far a frame brings the cursor; the position of an `ack` is none. */
export function cursorAfter(cursor: number | null, frame: ServerFrame): number | null {
  const reached =
    frame.type === "event" || frame.type === "watermark"
      ? frame.position
      : frame.type === "refresh" || frame.type === "welcome"
        ? frame.cursor
        : null;
  if (reached === null) return cursor;
  // After a refresh the cursor may go back: the desk's past was replaced.
  return frame.type === "refresh" ? reached : Math.max(cursor ?? 0, reached);
}

export class DeskSocket {
  #options: SocketOptions;
  #socket: WebSocket | null = null;
  #cursor: number | null = null;
  #failures = 0;
  #heard = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval>;
  #welcomed = false;
  #ended = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#keepAlive(), 5_000);
    addEventListener("online", this.#doubt);
    addEventListener("offline", this.#doubt);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#open();
  }

  /** False when nothing could be sent now. */
  send(frame: ClientFrame): boolean {
    if (!this.#welcomed || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    removeEventListener("online", this.#doubt);
    removeEventListener("offline", this.#doubt);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#socket?.close();
  }

  #open(): void {
    if (this.#ended) return;
    clearTimeout(this.#retry);
    this.#options.onLine("connecting");
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    this.#welcomed = false;
    this.#heard = Date.now();
    socket.onopen = () => {
      const hello: ClientFrame = { type: "hello", token: this.#options.token };
      if (this.#cursor !== null) hello.cursor = this.#cursor;
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (message) => this.#take(socket, JSON.parse(String(message.data)) as ServerFrame);
    socket.onclose = () => this.#lost(socket);
  }

  #take(socket: WebSocket, frame: ServerFrame): void {
    if (socket !== this.#socket) return;
    this.#heard = Date.now();
    if (frame.type === "bye" && frame.reason === "unauthorized") {
      this.close();
      this.#options.onLine("ended");
      return;
    }
    this.#cursor = cursorAfter(this.#cursor, frame);
    if (frame.type === "welcome") {
      this.#welcomed = true;
      this.#failures = 0;
      this.#options.onLine("open");
    }
    this.#options.onFrame(frame);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket || this.#ended) return;
    this.#socket = null;
    this.#welcomed = false;
    const pause = pauseBefore(this.#failures++);
    this.#options.onLine("lost", Date.now() + pause);
    this.#retry = setTimeout(() => this.#open(), pause);
  }

  #keepAlive(): void {
    const silent = Date.now() - this.#heard;
    const socket = this.#socket;
    if (!socket || silent < ASK_AFTER_MS) return;
    if (silent > SILENT_AFTER_MS) this.#giveUp(socket);
    else this.send({ type: "ping" });
  }

  /** A dead line may take minutes to say so by itself. */
  #giveUp(socket: WebSocket): void {
    socket.close();
    this.#lost(socket);
  }

  /** The machine changed its network: the line may have died without a word. */
  #doubt = (): void => {
    const socket = this.#socket;
    if (!socket) return this.#hurry();
    const asked = Date.now();
    this.send({ type: "ping" });
    setTimeout(() => {
      if (socket === this.#socket && this.#heard < asked) this.#giveUp(socket);
    }, DOUBT_MS);
  };

  /** The machine is back, or somebody looks again: no reason to wait. */
  #hurry = (): void => {
    if (document.visibilityState === "visible" && !this.#socket) {
      this.#failures = 0;
      this.#open();
    }
  };
}

/** The socket's address on the desk that served this page. */
export function socketUrl(place: Location): string {
  return `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}/api/v1/socket`;
}
