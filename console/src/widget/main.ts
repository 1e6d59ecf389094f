// <script src="https://desk.example/widget.js" async data-language="pt-BR"></script>
import { optionsOf } from "./options";
import { Panel } from "./panel";

const NAME = "dialogo-chat";
const script = (document.currentScript as HTMLScriptElement | null) ?? document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');

function place(own: HTMLScriptElement): void {
  // A page may name the script twice, or a tag manager load it again.
  if (document.querySelector(NAME)) return;
  const host = document.createElement(NAME);
  const data = { ...own.dataset };
  new Panel(host, optionsOf({ src: own.src, data }, document.documentElement.lang, navigator.languages));
  document.body.append(host);
}

if (script) {
  if (document.body) place(script);
  else addEventListener("DOMContentLoaded", () => place(script));
}
