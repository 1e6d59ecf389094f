declare module 'dialogo:plugin/patterns@0.1.0' {
  /**
   * Every pattern of the set that occurs in `text`, each with its first place, in the order of the set; at most `limit`
   * hits, never more than 5,000. A set that does not exist has no hits.
   */
  export function find(patternSet: string, text: string, limit: number): Array<Hit>;
  /**
   * Where a pattern occurs.
   */
  export interface Hit {
    /**
     * The pattern's name: its JSON pointer in the settings, with the labels that the manifest asks for.
     */
    pattern: string,
    /**
     * First byte in the text, on the border of a character.
     */
    start: number,
    /**
     * One after the last byte, on the border of a character.
     */
    end: number,
  }
}
