declare module 'dialogo:plugin/setup@0.1.0' {
  /**
   * Called once per generation of the rules, and once in each instance that will be reused, before its first call; a
   * fresh sandbox is asked straight away. `settings` is the JSON that `settings.json` gives. Has 50 ms unless the
   * manifest says otherwise. An error is a list of all problems, at most 200: the new rules are then not taken in.
   */
  export function prepare(settings: string): void;
  /**
   * One thing that is wrong with the settings.
   */
  export interface Problem {
    /**
     * Where: a JSON pointer into the settings (`/rule/0/node`); empty for the settings as a whole.
     */
    path: string,
    /**
     * What is wrong and what would be right; at most 1,000 bytes.
     */
    message: string,
  }
}
