// A rule file as lines with the marked places in them, and a diff as lines of three kinds.
import type { Problem } from "../api/types";

export interface Piece {
  text: string;
  /** The gravest problem that covers it. */
  mark: "error" | "warning" | null;
}

export interface SourceLine {
  number: number;
  pieces: Piece[];
  /** Problems that begin here. */
  problems: Problem[];
}

export function sourceLines(text: string, problems: Problem[]): SourceLine[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line, at) => {
    const number = at + 1;
    return {
      number,
      pieces: pieces(line.replace(/\r$/, ""), number, problems),
      problems: problems.filter((it) => it.line === number),
    };
  });
}

function pieces(line: string, number: number, problems: Problem[]): Piece[] {
  // The engine counts characters, not the halves that some of them have here.
  const characters = [...line];
  const marks: Piece["mark"][] = characters.map(() => null);
  for (const problem of problems) {
    if (problem.line === 0 || number < problem.line || number > problem.end_line) continue;
    const from = number === problem.line ? problem.column - 1 : 0;
    const to = number === problem.end_line ? problem.end_column - 1 : characters.length;
    const mark = problem.severity === "error" ? "error" : "warning";
    // A place without length is shown by the character at it.
    for (let at = from; at < Math.max(to, from + 1) && at < characters.length; at++) {
      if (marks[at] !== "error") marks[at] = mark;
    }
  }
  const found: Piece[] = [];
  characters.forEach((character, at) => {
    const last = found.at(-1);
    const mark = marks[at] ?? null;
    if (last && last.mark === mark) last.text += character;
    else found.push({ text: character, mark });
  });
  return found;
}

export interface DiffLine {
  kind: "file" | "place" | "out" | "in" | "same";
  text: string;
}

export function diffLines(text: string): DiffLine[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const found: DiffLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const next = lines[at + 1] ?? "";
    // A line that was taken out may look like a header, but not two in this order before a place.
    if (line.startsWith("--- ") && next.startsWith("+++ ") && (lines[at + 2] ?? "").startsWith("@@")) {
      const old = line.slice(4);
      found.push({ kind: "file", text: named(old === "/dev/null" ? next.slice(4) : old) });
      at++;
    } else if (line.startsWith("@@")) found.push({ kind: "place", text: line });
    else if (line.startsWith("-")) found.push({ kind: "out", text: line.slice(1) });
    else if (line.startsWith("+")) found.push({ kind: "in", text: line.slice(1) });
    else if (line) found.push({ kind: "same", text: line.slice(1) });
  }
  return found;
}

function named(path: string): string {
  return path.replace(/^(old|new)\//, "");
}
