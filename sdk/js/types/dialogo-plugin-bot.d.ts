/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/bot@0.1.0' {
  /**
   * `message`: none when the consumer has just arrived. `state`: what the last answer returned for this conversation.
   * No reply, or an error: the conversation is handed over. Has 50 ms.
   */
  export function answer(ctx: CallContext, conversation: Conversation, message: Message | undefined, state: Uint8Array | undefined): Reply | undefined;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type Message = import('dialogo:plugin/types@0.1.0').Message;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * A button for the consumer.
   */
  export interface QuickReply {
    /**
     * What stands on it; at most 200 bytes.
     */
    title: string,
    /**
     * What the bot is told when it is pressed; at most 1,000 bytes.
     */
    payload: string,
  }
  /**
   * One thing the bot does.
   */
  export type Action = ActionSay | ActionChoices | ActionClassify | ActionHandOver | ActionClose;
  /**
   * Says this; at most 8 KiB.
   */
  export interface ActionSay {
    tag: 'say',
    val: string,
  }
  /**
   * Says this and offers at most 20 buttons.
   */
  export interface ActionChoices {
    tag: 'choices',
    val: [string, Array<QuickReply>],
  }
  /**
   * Drafts this node as the classification; it must exist and be active.
   */
  export interface ActionClassify {
    tag: 'classify',
    val: string,
  }
  /**
   * Leaves the conversation to a department's queue, by its id, or to the desk's first department.
   */
  export interface ActionHandOver {
    tag: 'hand-over',
    val: [string | undefined, Explanation],
  }
  /**
   * Ends the conversation.
   */
  export interface ActionClose {
    tag: 'close',
    val: Explanation,
  }
  /**
   * An answer.
   */
  export interface Reply {
    /**
     * 0 to 1: how sure the bot is that it understood.
     */
    confidence: number,
    /**
     * What it does, in order; at most 16.
     */
    actions: Array<Action>,
    /**
     * What it wants to be told with the next message of this conversation; at most 64 KiB.
     */
    state?: Uint8Array,
  }
}
