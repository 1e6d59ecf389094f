declare module 'dialogo:plugin/log@0.1.0' {
  /**
   * Writes one line. `fields` are key and value. What is over the bounds is cut off or left out, never an error.
   */
  export function write(level: Level, message: string, fields: Array<[string, string]>): void;
  /**
   * Tells of a defect just before the sandbox traps: what it said and where in the source. The SDKs call it.
   */
  export function panicked(message: string, location: string): void;
  /**
   * How much a line matters.
   * # Variants
   * 
   * ## `"trace"`
   * 
   * For the plugin's author, in detail.
   * ## `"debug"`
   * 
   * For the plugin's author.
   * ## `"info"`
   * 
   * Something an operator may want to know.
   * ## `"warn"`
   * 
   * Something an operator should look at.
   * ## `"error"`
   * 
   * Something is broken.
   */
  export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
}
