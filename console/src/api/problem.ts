/** Problem details (RFC 9457) as the engine writes them. */
export interface ProblemBody {
  code: string;
  status: number;
  title: string;
  detail: string;
  field?: string | null;
  retry_after?: number | null;
  [member: string]: unknown;
}

/** The engine said no, or could not be reached (`code: "offline"`). */
export class Problem extends Error {
  constructor(readonly body: ProblemBody) {
    super(body.title);
  }

  get code(): string {
    return this.body.code;
  }

  /** Nothing has happened and it may be sent again as it is. */
  get passing(): boolean {
    return this.body.status === 0 || this.body.status === 503 || this.body.status === 429;
  }

  static offline(): Problem {
    return new Problem({ code: "offline", status: 0, title: "not connected", detail: "" });
  }

  static async of(response: Response): Promise<Problem> {
    const bare = { code: `http-${response.status}`, status: response.status, title: response.statusText, detail: "" };
    const body = (await response.json().catch(() => null)) as Partial<ProblemBody> | null;
    return new Problem({ ...bare, ...body });
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem({ code: "console", status: 500, title: String(thrown), detail: "" });
}
