/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/history@0.1.0' {
  /**
   * At most `limit` messages before the one whose id is `before` (from the newest when none is given), newest first;
   * never more than 100 at once. Empty when there are no more.
   */
  export function page(before: string | undefined, limit: number): Array<Message>;
  export type Message = import('dialogo:plugin/types@0.1.0').Message;
}
