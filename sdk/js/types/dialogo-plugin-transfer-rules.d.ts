/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/transfer-rules@0.1.0' {
  /**
   * `requested` is what an agent asks for; none when the desk asks on its own (see `trigger`). Has 20 ms.
   */
  export function decide(ctx: CallContext, trigger: Trigger, requested: Target | undefined, conversation: Conversation): Decision;
  export type Conversation = import('dialogo:plugin/types@0.1.0').Conversation;
  export type CallContext = import('dialogo:plugin/types@0.1.0').CallContext;
  export type Explanation = import('dialogo:plugin/types@0.1.0').Explanation;
  export type PluginError = import('dialogo:plugin/types@0.1.0').PluginError;
  /**
   * Where a conversation could go.
   */
  export type Target = TargetDepartment | TargetAgent | TargetFirstContact | TargetBot;
  /**
   * A department's queue, by its id.
   */
  export interface TargetDepartment {
    tag: 'department',
    val: string,
  }
  /**
   * One agent, by id.
   */
  export interface TargetAgent {
    tag: 'agent',
    val: string,
  }
  /**
   * The agent who answered first.
   */
  export interface TargetFirstContact {
    tag: 'first-contact',
  }
  /**
   * A bot.
   */
  export interface TargetBot {
    tag: 'bot',
  }
  /**
   * What the plugin says. All prohibitions count; of the proposals the first in the operator's order that nobody forbids.
   */
  export type Decision = DecisionAbstain | DecisionStay | DecisionMoveTo | DecisionForbid;
  /**
   * No opinion.
   */
  export interface DecisionAbstain {
    tag: 'abstain',
  }
  /**
   * It should stay where it is.
   */
  export interface DecisionStay {
    tag: 'stay',
    val: Explanation,
  }
  /**
   * It should go there.
   */
  export interface DecisionMoveTo {
    tag: 'move-to',
    val: [Target, Explanation],
  }
  /**
   * It must not go there.
   */
  export interface DecisionForbid {
    tag: 'forbid',
    val: [Target, Explanation],
  }
  /**
   * Why the plugin is asked.
   * # Variants
   * 
   * ## `"new-message"`
   * 
   * A message came.
   * ## `"classified"`
   * 
   * Its classification changed.
   * ## `"agent-left"`
   * 
   * Its agent went away.
   * ## `"waited-too-long"`
   * 
   * It has been waiting; asked again every 15 seconds.
   * ## `"agent-asked"`
   * 
   * An agent asks for a transfer.
   */
  export type Trigger = 'new-message' | 'classified' | 'agent-left' | 'waited-too-long' | 'agent-asked';
}
