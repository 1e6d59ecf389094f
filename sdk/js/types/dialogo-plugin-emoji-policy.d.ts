/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/emoji-policy@0.1.0' {
  /**
   * One verdict for each of `emojis`, in their order. `by` is who sends the message. Has 5 ms.
   */
  export function check(ctx: CallContext, by: Side, conversation: Conversation, emojis: Array<Emoji>): Array<Verdict>;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type Emoji = import('dialogo:plugin/types@0.1.0').Emoji;
  export type Side = import('dialogo:plugin/types@0.1.0').Side;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * What becomes of one emoji, at all its places.
   */
  export type Verdict = VerdictAllow | VerdictStrip | VerdictReplace | VerdictDeny;
  /**
   * It stays.
   */
  export interface VerdictAllow {
    tag: 'allow',
  }
  /**
   * It is taken out.
   */
  export interface VerdictStrip {
    tag: 'strip',
    val: Explanation,
  }
  /**
   * This text stands there instead; at most 200 bytes.
   */
  export interface VerdictReplace {
    tag: 'replace',
    val: [string, Explanation],
  }
  /**
   * The whole message is not sent.
   */
  export interface VerdictDeny {
    tag: 'deny',
    val: Explanation,
  }
}
