// Colours in a light and a dark dress, and the sheets: made in the script, so that a page's policy need not allow styles.
import type { Options } from "./options";
import css from "./style.css?inline";

type Colour = "ink" | "soft" | "line" | "line-strong" | "field-line" | "card" | "log" | "hover" | "blue" | "blue-ink" | "blue-soft" | "fill" | "fill-hover" | "amber" | "amber-soft" | "red" | "red-soft" | "red-line" | "star" | "shadow";

const LIGHT: Record<Colour, string> = {
  ink: "#14181f",
  soft: "#525c6a",
  line: "#e1e6ec",
  "line-strong": "#d5dbe3",
  "field-line": "#858f9d",
  card: "#fff",
  log: "#f6f8fa",
  hover: "#eef1f5",
  blue: "#1a63d8",
  "blue-ink": "#124da8",
  "blue-soft": "#e8f1ff",
  fill: "#1a63d8",
  "fill-hover": "#1554bb",
  amber: "#7d4600",
  "amber-soft": "#fff7e8",
  red: "#a8261d",
  "red-soft": "#fff4f3",
  "red-line": "#efc3bf",
  star: "#a86400",
  shadow: "0 1px 3px #10182826, 0 10px 34px #10182833",
};

const DARK: Record<Colour, string> = {
  ink: "#e4e8ee",
  soft: "#aab4c1",
  line: "#29303a",
  "line-strong": "#3d4755",
  "field-line": "#6b7686",
  card: "#171c23",
  log: "#11151a",
  hover: "#232b35",
  blue: "#6aa5ff",
  "blue-ink": "#9cc3ff",
  "blue-soft": "#17283f",
  fill: "#2566cc",
  "fill-hover": "#1f5bb8",
  amber: "#f0b35e",
  "amber-soft": "#2a2112",
  red: "#ff938a",
  "red-soft": "#2e1615",
  "red-line": "#6b302c",
  star: "#f0b35e",
  shadow: "0 1px 3px #0009, 0 10px 34px #000c",
};

const dress = (colours: Record<Colour, string>, scheme: string) =>
  `:host{color-scheme:${scheme}!important;${Object.entries(colours).map(([name, value]) => `--${name}:${value}`).join(";")}}`;

export function sheets(theme: Options["theme"]): CSSStyleSheet[] {
  const auto = `${dress(LIGHT, "light")}@media(prefers-color-scheme:dark){${dress(DARK, "dark")}}`;
  const colours = theme === "auto" ? auto : dress(theme === "dark" ? DARK : LIGHT, theme);
  return [css, colours].map(sheet);
}

export function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
