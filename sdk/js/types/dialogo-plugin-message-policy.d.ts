/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/message-policy@0.1.0' {
  /**
   * Judges `message`, which is not yet part of `conversation.recent`. Has 5 ms.
   */
  export function check(ctx: CallContext, conversation: Conversation, message: Message): Verdict;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type Message = import('dialogo:plugin/types@0.1.0').Message;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * One change of the text.
   */
  export interface Edit {
    /**
     * First byte of `message.text` to replace, on the border of a character.
     */
    start: number,
    /**
     * One after the last byte, on the border of a character; the same as `start` inserts.
     */
    end: number,
    /**
     * What stands there instead; at most 4,096 bytes, empty to take out.
     */
    replacement: string,
    /**
     * Why.
     */
    why: Explanation,
  }
  /**
   * What becomes of the message. Every policy sees the original; the strongest answer wins: deny, rewrite, warn, allow.
   */
  export type Verdict = VerdictAllow | VerdictWarn | VerdictRewrite | VerdictDeny;
  /**
   * Sent as it is.
   */
  export interface VerdictAllow {
    tag: 'allow',
  }
  /**
   * Sent as it is, with the reason to be careful beside it.
   */
  export interface VerdictWarn {
    tag: 'warn',
    val: Explanation,
  }
  /**
   * Sent with these changes, at most 64. Of changes that overlap the earlier one stays.
   */
  export interface VerdictRewrite {
    tag: 'rewrite',
    val: Array<Edit>,
  }
  /**
   * Not sent; the sender sees the reason.
   */
  export interface VerdictDeny {
    tag: 'deny',
    val: Explanation,
  }
}
