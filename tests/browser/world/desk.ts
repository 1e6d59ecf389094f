// A desk of a test: its process, its folder, a site with its widget, and the people who come to it.
import { rmSync } from "node:fs";
import { Person } from "./api";
import { Line } from "./line";
import { Process } from "./process";
import { Site } from "./site";
import { copy, Rules } from "./template";
import { Visitor, type Arrival } from "./visitor";

const NOT_IN_FORCE = "the files are not in force";

export class Desk {
  #lines: Line[] = [];

  private constructor(
    readonly process: Process,
    readonly site: Site,
  ) {}

  /** `change` edits the rule files before the start. */
  static async begin(change?: (rules: Rules) => void): Promise<Desk> {
    const folder = copy();
    const site = await Site.open();
    const rules = new Rules(folder);
    rules.replace("desk.toml", 'origins = ["http://localhost:7070"', `origins = ["${site.address}"`);
    change?.(rules);
    const process = await Process.start(folder);
    // It would go on with the template's.
    if (process.log().includes(NOT_IN_FORCE)) throw new Error(process.lastWords());
    site.serves(process.address);
    return new Desk(process, site);
  }

  get address(): string {
    return this.process.address;
  }

  /** Its rule files, to be edited while it runs. */
  get rules(): Rules {
    return new Rules(this.process.folder);
  }

  /** An account that uses the API. */
  account(login: string): Promise<Person> {
    return Person.logIn(this.address, login);
  }

  /** An account that is on duty, and uses the API. */
  async onDuty(login: string): Promise<Person> {
    const person = await this.account(login);
    await person.call("PUT", `/agents/${login}/presence`, { presence: "online" });
    return person;
  }

  visitor(name: string, arrival?: Arrival): Promise<Visitor> {
    return Visitor.arrive(this.address, name, arrival);
  }

  /** A line of one's own to the desk. */
  async line(): Promise<Line> {
    const line = await Line.to(this.process.port);
    this.#lines.push(line);
    return line;
  }

  async end(): Promise<void> {
    for (const line of this.#lines) await line.close();
    await this.site.close();
    try {
      await this.process.stop();
    } finally {
      rmSync(this.process.folder, { recursive: true, force: true });
    }
  }
}
