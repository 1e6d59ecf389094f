// Somebody's shop: a page of another origin with the widget on it, under the policy the widget's guide asks for.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Site {
  #server: Server;
  #desk = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      const wanted = new URL(request.url ?? "/", "http://site");
      const desk = wanted.searchParams.get("desk") ?? this.#desk;
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", `default-src 'none'; script-src ${desk}; connect-src ${desk} ${desk.replace("http", "ws")}`);
      response.end(page(desk, wanted.searchParams));
    });
  }

  static async open(): Promise<Site> {
    const site = new Site();
    await new Promise<void>((done) => site.#server.listen(0, "127.0.0.1", done));
    return site;
  }

  /** Whose widget stands on it. */
  serves(desk: string): void {
    this.#desk = desk;
  }

  get address(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** `?name=Marina&department=suporte` become the script's attributes. */
function page(desk: string, asked: URLSearchParams): string {
  const attributes = [...asked].filter(([key]) => key !== "desk").map(([key, value]) => `data-${key}="${value}"`);
  return `<!doctype html>
<html lang="pt-BR">
  <head><meta charset="utf-8"><title>Loja</title></head>
  <body>
    <main><h1>Loja</h1><p>Tudo para a sua casa.</p></main>
    <script src="${desk}/widget.js" async ${attributes.join(" ")}></script>
  </body>
</html>`;
}
