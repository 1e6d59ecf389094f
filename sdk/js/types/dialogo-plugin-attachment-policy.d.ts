/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/attachment-policy@0.1.0' {
  /**
   * Judges `attachment`, sent by `by`. The host has looked inside within bounds and says what it found as facts
   * (`content.kind`, `content.matches-name`, `content.active`, `archive.encrypted` …); `head` is the first 4,096 bytes at
   * most. Has 5 ms.
   */
  export function check(ctx: CallContext, by: Side, conversation: Conversation, attachment: Attachment, head: Uint8Array): Verdict;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type Attachment = import('dialogo:plugin/types@0.1.0').Attachment;
  export type Side = import('dialogo:plugin/types@0.1.0').Side;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * What becomes of the file.
   */
  export type Verdict = VerdictAllow | VerdictWarn | VerdictDeny;
  /**
   * Sent.
   */
  export interface VerdictAllow {
    tag: 'allow',
  }
  /**
   * Sent, with the reason to be careful beside it.
   */
  export interface VerdictWarn {
    tag: 'warn',
    val: Explanation,
  }
  /**
   * Not sent; the sender sees the reason.
   */
  export interface VerdictDeny {
    tag: 'deny',
    val: Explanation,
  }
}
