/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/observer@0.1.0' {
  /**
   * `conversation` is as it stands after `event`. Nothing depends on how the call ends. Has 5 ms.
   */
  export function seen(ctx: CallContext, event: Event, conversation: Conversation): void;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  /**
   * What happened.
   * # Variants
   * 
   * ## `"opened"`
   * 
   * A conversation began.
   * ## `"assigned"`
   * 
   * An agent got it.
   * ## `"transferred"`
   * 
   * It went elsewhere.
   * ## `"classified"`
   * 
   * Its classification was chosen.
   * ## `"message-sent"`
   * 
   * A message was sent.
   * ## `"message-denied"`
   * 
   * A message was refused.
   * ## `"closed"`
   * 
   * It ended.
   * ## `"rated"`
   * 
   * The consumer rated it.
   */
  export type Event = 'opened' | 'assigned' | 'transferred' | 'classified' | 'message-sent' | 'message-denied' | 'closed' | 'rated';
}
