/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/replies@0.1.0' {
  /**
   * At most `limit` replies (never more than 3). Asked when the consumer has had the last word in a conversation that an
   * agent has, off everybody's critical path; only that agent sees the answer. `canned` holds the canned replies of the
   * conversation's department and those for all, at most 500. Has 20 ms. No reply is an empty list; `not-applicable` says the same.
   */
  export function suggest(ctx: CallContext, conversation: Conversation, canned: Array<CannedReply>, limit: number): Array<SuggestedReply>;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * A text that the desk keeps ready.
   */
  export interface CannedReply {
    /**
     * Its id in the rule files.
     */
    id: string,
    /**
     * Its title, in the language of `text`.
     */
    title: string,
    /**
     * Its text, in the consumer's language where it has one, else in the desk's. What stands in braces (`{consumer}`,
     * `{agent}`, `{department}`, `{protocol}`) is filled in when it is put into the text field.
     */
    text: string,
  }
  /**
   * A text that the agent could send.
   */
  export interface SuggestedReply {
    /**
     * What is put into the text field: at least one character that is not white, at most 8 KiB; braces as in
     * `canned-reply.text`.
     */
    text: string,
    /**
     * Id of the canned reply it is made from, none for a text of the plugin's own; an id that was not handed in makes
     * the whole answer invalid.
     */
    canned?: string,
    /**
     * 0 to 1: how likely it fits. The desk shows the surest of all plugins.
     */
    confidence: number,
    /**
     * The words that led to it, for the agent; none is allowed, but convinces nobody.
     */
    why?: Explanation,
  }
}
