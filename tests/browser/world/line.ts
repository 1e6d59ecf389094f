// A line to the desk that can be cut, with or without a word, and mended.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Line {
  #server: Server;
  #open = new Set<Socket>();
  #state: "whole" | "cut" | "silent" = "whole";

  private constructor(port: number) {
    this.#server = createServer((near) => {
      if (this.#state === "cut") return void near.destroy();
      if (this.#state === "silent") return this.#hold(near);
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [[near, far], [far, near]] as const) {
        this.#open.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#open.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  static async to(port: number): Promise<Line> {
    const line = new Line(port);
    await new Promise<void>((done) => line.#server.listen(0, "127.0.0.1", done));
    return line;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections break, and new ones are refused. */
  cut(): void {
    this.#state = "cut";
    for (const socket of this.#open) socket.destroy();
  }

  /** Nothing comes through any more, and nobody is told. */
  silence(): void {
    this.#state = "silent";
    for (const socket of this.#open) this.#hold(socket);
  }

  /** New connections come through; what was on the old ones is gone. */
  mend(): void {
    for (const socket of this.#open) socket.destroy();
    this.#state = "whole";
  }

  #hold(socket: Socket): void {
    this.#open.add(socket);
    socket.unpipe();
    socket.pause();
    socket.on("error", () => undefined);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }
}
