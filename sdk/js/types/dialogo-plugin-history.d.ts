/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/history@0.1.0' {
  /**
   * At most `limit` messages before the one whose id is `before` (from the newest when none is given), newest first;
   * never more than 100 at once. Empty when there are no more.
   */
  export function page(before: string | undefined, limit: number): Array<Message>;
  /**
   * The last `limit` messages, never more than 100. Handing over whole messages costs many times as much, so a plugin
   * that only reads what was said asks for this, and for few or none in `needs.recent_messages`.
   */
  export function said(limit: number): Transcript;
  export type Message = import('dialogo:plugin/types@0.1.0').Message;
  export type Side = import('dialogo:plugin/types@0.1.0').Side;
  /**
   * One message of a transcript: it begins where the line before it ends, the first at 0.
   */
  export interface Line {
    /**
     * Who said it.
     */
    by: Side,
    /**
     * One after its last byte in `transcript.text`.
     */
    end: number,
  }
  /**
   * What was said, without anything else about it.
   */
  export interface Transcript {
    /**
     * The texts of all lines, one straight after the other.
     */
    text: string,
    /**
     * The messages, oldest first.
     */
    lines: Array<Line>,
  }
}
