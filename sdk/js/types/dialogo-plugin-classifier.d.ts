/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/classifier@0.1.0' {
  /**
   * At most `limit` nodes (never more than 20), each once; the desk sorts them. Asked after each message, off everybody's
   * critical path. Has 20 ms. No suggestion is an empty list; `not-applicable` says the same.
   */
  export function suggest(ctx: CallContext, conversation: Conversation, limit: number): Array<Suggestion>;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * A node of the classification tree and how sure the plugin is of it.
   */
  export interface Suggestion {
    /**
     * The node's id; one that does not exist makes the whole answer invalid.
     */
    node: string,
    /**
     * 0 to 1, calibrated: of what is suggested with 0.8, four in five should be right.
     */
    confidence: number,
    /**
     * The words that led to it, for the agent; none is allowed, but convinces nobody.
     */
    why?: Explanation,
  }
}
