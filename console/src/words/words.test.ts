import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import { en } from "./en";
import { es } from "./es";
import { elapsed, percent, size } from "./formats";
import { reason, sentence } from "./problems";
import { pt } from "./pt";

const TABLES = { pt, es };

describe("every language", () => {
  it.each(Object.entries(TABLES))("%s has a sentence for every problem and reason", (_, words) => {
    for (const table of ["problems", "reasons", "channels"] as const) {
      expect(Object.keys(words[table]).sort()).toEqual(Object.keys(en[table]).sort());
    }
    expect(Object.keys(words.lines.closed).sort()).toEqual(Object.keys(en.lines.closed).sort());
    expect(Object.keys(words.lines.why).sort()).toEqual(Object.keys(en.lines.why).sort());
  });
});

describe("problems", () => {
  const problem = (code: string, detail = "") => new Problem({ code, status: 409, title: "some title", detail });

  it("are said in the reader's language", () => {
    expect(sentence(problem("agent-at-limit", "`ana` has 4"), pt)).toBe(pt.problems["agent-at-limit"]);
  });

  it("name the field that is wrong", () => {
    const wrong = new Problem({ code: "invalid", status: 400, title: "", detail: "does not fit", field: "current" });
    expect(sentence(wrong, es)).toBe(es.problems["invalid:current"]);
  });

  it("keep a policy's own reason", () => {
    expect(sentence(problem("transfer-refused", "closed until 9h"), en)).toMatch(/Closed until 9h$/u);
    expect(reason("executable", "the file is a program", es)).toBe("El archivo es un programa.");
    expect(reason("of-a-partner", "no swearing", es)).toBe("No swearing");
  });

  it("nobody has translated are shown politely", () => {
    expect(sentence(problem("brand-new", "what to do"), pt)).toBe("Some title. What to do");
    expect(sentence(new TypeError("x is not a function"), pt)).toBe(pt.problems.console);
  });
});

it("writes numbers as the language does", () => {
  expect(percent(0.923, "pt-BR")).toBe("92%");
  expect(size(184_320, "pt-BR")).toBe("184 kB");
  expect(size(2_500_000, "es")).toBe("2,5 MB");
  expect([elapsed(42_000), elapsed(725_000), elapsed(3_753_000)]).toEqual(["0:42", "12:05", "1:02:33"]);
});
